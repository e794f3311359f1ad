// SPDX-License-Identifier: MIT
// From a picture to the 48 x 48 face the network takes. predict and demo come through here; folders of pictures share
// its decoder.
#pragma once

#include <ferlab/datasets/resize.hpp>
#include <ferlab/formats/read_picture.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace fer2013 {

using ferlab::datasets::Rectangle;
using ferlab::formats::Picture;

/// Reads what is neither PGM nor PPM: OpenCV, or, where the program was built without it, an error that says so.
Picture decode(std::string_view bytes);

/// A grey picture. Throws ferlab::IoError or ferlab::FormatError.
Picture read_image(const std::string& path);

/// Throws ferlab::FormatError for a picture file too large to be decoded, without decoding it, and ferlab::IoError
/// where there is none.
void check_picture_size(const std::string& path);

/// Says on standard error that a picture is too small to show a face.
void warn_if_tiny(const std::string& path, int width, int height);

/// The part of a grey picture in `box` (whatever of it lies inside), resized to 48 x 48: each pixel the mean of what it
/// covers.
std::vector<std::uint8_t> to_face(const Picture& picture, const Rectangle& box);
/// The whole picture.
std::vector<std::uint8_t> to_face(const Picture& picture);

}  // namespace fer2013
