// SPDX-License-Identifier: MIT
// Pictures made smaller or larger: each new pixel is the mean of what it covers.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ferlab/formats/picture.hpp"

namespace ferlab::datasets {

using formats::Picture;

/// A part of a picture, in pixels from its upper left corner.
struct Rectangle {
  int x = 0, y = 0, width = 0, height = 0;
};

namespace detail {

/// The pixels that a new one covers, and their shares of it.
struct Cover {
  int first = 0;
  std::vector<double> weights;
};

/// One for each of `count` new pixels over the old ones [from, to). Where there are fewer old ones than new, a new one
/// is widened to one old pixel, which is linear interpolation.
inline std::vector<Cover> covers(int from, int to, int count) {
  std::vector<Cover> all(static_cast<std::size_t>(count));
  const double scale = double(to - from) / count, width = std::max(scale, 1.0);
  for (int i = 0; i < count; ++i) {
    Cover& cover = all[std::size_t(i)];
    const double middle = from + (i + 0.5) * scale, begin = middle - width / 2, end = middle + width / 2;
    cover.first = std::clamp(int(std::floor(begin)), from, to - 1);
    for (int s = int(std::floor(begin)); s < end; ++s) {
      const double share = std::min(end, s + 1.0) - std::max(begin, double(s));
      if (share <= 0) continue;
      const auto slot = std::size_t(std::clamp(s, from, to - 1) - cover.first);
      if (cover.weights.size() <= slot) cover.weights.resize(slot + 1);
      cover.weights[slot] += share / width;
    }
  }
  return all;
}

}  // namespace detail

/// The part of the picture in `box` (whatever of it lies inside) as `height` x `width` pixels: [height][width][the
/// picture's channels].
inline std::vector<std::uint8_t> resize(const Picture& picture, const Rectangle& box, int height, int width) {
  const int x0 = std::clamp(box.x, 0, picture.width - 1), y0 = std::clamp(box.y, 0, picture.height - 1);
  const int x1 = std::clamp(box.x + box.width, x0 + 1, picture.width),
            y1 = std::clamp(box.y + box.height, y0 + 1, picture.height);
  const auto across = detail::covers(x0, x1, width), down = detail::covers(y0, y1, height);
  const std::size_t channels = std::size_t(picture.channels), row = std::size_t(picture.width) * channels;
  std::vector<std::uint8_t> resized;
  resized.reserve(down.size() * across.size() * channels);
  for (const detail::Cover& rows : down)
    for (const detail::Cover& columns : across)
      for (std::size_t c = 0; c < channels; ++c) {
        const std::uint8_t* first = picture.pixels.data() + std::size_t(rows.first) * row;
        first += std::size_t(columns.first) * channels + c;
        double sum = 0;
        for (std::size_t j = 0; j < rows.weights.size(); ++j)
          for (std::size_t i = 0; i < columns.weights.size(); ++i)
            sum += rows.weights[j] * columns.weights[i] * first[j * row + i * channels];
        resized.push_back(std::uint8_t(std::clamp(std::lround(sum), 0l, 255l)));
      }
  return resized;
}

/// The whole picture.
inline std::vector<std::uint8_t> resize(const Picture& picture, int height, int width) {
  return resize(picture, {0, 0, picture.width, picture.height}, height, width);
}

}  // namespace ferlab::datasets
