// SPDX-License-Identifier: MIT
// Pictures of any format that OpenCV reads (JPEG, PNG, BMP, WebP, TIFF, ...): decode_with_opencv is a decoder for
// formats::read_picture and datasets::read_image_folder. Needs OpenCV 4 (core, imgcodecs); the CMake target is
// ferlab::opencv.
#pragma once

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

#include "ferlab/core/error.hpp"
#include "ferlab/formats/picture.hpp"

namespace ferlab {

/// 8 bits a value, grey or colour as in the file, turned upright where it says how, without transparency. Throws
/// FormatError for what OpenCV cannot read.
inline formats::Picture decode_with_opencv(std::string_view bytes) {
  if (bytes.size() > std::size_t(std::numeric_limits<int>::max())) throw FormatError("a file of more than 2 GiB");
  cv::Mat decoded;
  try {
    // OpenCV only reads from it.
    const cv::Mat file(1, int(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
    decoded = cv::imdecode(file, cv::IMREAD_ANYCOLOR);
  } catch (const cv::Exception&) {  // of many lines; the one below says it
  }
  if (decoded.empty()) throw FormatError("not a picture that OpenCV can read");
  formats::Picture picture{decoded.cols, decoded.rows, decoded.channels(), {}};
  const std::size_t row = std::size_t(decoded.cols) * std::size_t(decoded.channels());
  for (int y = 0; y < decoded.rows; ++y)
    picture.pixels.insert(picture.pixels.end(), decoded.ptr(y), decoded.ptr(y) + row);
  if (picture.channels == 3)  // OpenCV has blue first
    for (std::size_t i = 0; i < picture.pixels.size(); i += 3) std::swap(picture.pixels[i], picture.pixels[i + 2]);
  return picture;
}

}  // namespace ferlab
