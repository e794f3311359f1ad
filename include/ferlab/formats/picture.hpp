// SPDX-License-Identifier: MIT
// A decoded picture, and its channels as they are wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ferlab::formats {

struct Picture {
  int width = 0, height = 0;
  int channels = 1;                    ///< 1: grey; 3: red, green, blue
  std::vector<std::uint8_t> pixels{};  ///< [height][width][channels]
};

/// ITU-R BT.601, rounded as OpenCV's COLOR_BGR2GRAY does.
inline std::uint8_t grey_of(int red, int green, int blue) {
  return std::uint8_t((9798 * red + 19235 * green + 3735 * blue + (1 << 14)) >> 15);
}

/// The picture with 1 channel or 3: colour made grey, or grey in all three.
inline Picture with_channels(Picture picture, int channels) {
  if (picture.channels == channels) return picture;
  Picture converted{picture.width, picture.height, channels, {}};
  const std::size_t size = std::size_t(picture.width) * std::size_t(picture.height);
  converted.pixels.resize(size * std::size_t(channels));
  for (std::size_t i = 0; i < size; ++i)
    if (channels == 1)
      converted.pixels[i] = grey_of(picture.pixels[3 * i], picture.pixels[3 * i + 1], picture.pixels[3 * i + 2]);
    else
      for (std::size_t c = 0; c < 3; ++c) converted.pixels[3 * i + c] = picture.pixels[i];
  return converted;
}

}  // namespace ferlab::formats
