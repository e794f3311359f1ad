// SPDX-License-Identifier: MIT
// From a picture to the 48 x 48 face the network takes. predict and demo both come through here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fer2013 {

struct GreyImage {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  ///< [height][width]
};

struct Rectangle {
  int x = 0, y = 0, width = 0, height = 0;
};

/// PGM and PPM by itself, every other format through OpenCV if it was built with it. Throws ferlab::IoError or
/// ferlab::FormatError.
GreyImage read_image(const std::string& path);

/// Throws ferlab::FormatError for a picture file too large to be decoded, without decoding it, and ferlab::IoError
/// where there is none.
void check_picture_size(const std::string& path);

/// Says on standard error that a picture is too small to show a face.
void warn_if_tiny(const std::string& path, int width, int height);

/// The part of the image in `box` (whatever of it lies inside), resized to 48 x 48: each pixel the mean of what it
/// covers.
std::vector<std::uint8_t> to_face(const GreyImage& image, Rectangle box);
/// The whole image.
std::vector<std::uint8_t> to_face(const GreyImage& image);

}  // namespace fer2013
