// SPDX-License-Identifier: MIT
#include "picture.hpp"

#include <ferlab/core/error.hpp>
#include <ferlab/formats/png.hpp>

#include <string_view>
#include <vector>

#ifdef FERLAB_WITH_OPENCV
#include <opencv2/imgcodecs.hpp>
#endif

namespace fer2013 {

namespace {

/// RFC 4648, section 4.
std::string base64(std::string_view bytes) {
  constexpr const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? unsigned(static_cast<unsigned char>(bytes[i + k])) : 0u;
    };
    const unsigned three = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (std::size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? letters[three >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

#ifdef FERLAB_WITH_OPENCV
std::string png(int width, int height, std::span<const std::uint8_t> pixels) {
  const cv::Mat picture(height, width, CV_8UC1, const_cast<std::uint8_t*>(pixels.data()));
  std::vector<unsigned char> bytes;
  if (!cv::imencode(".png", picture, bytes)) throw ferlab::IoError("OpenCV cannot encode a PNG");
  return {bytes.begin(), bytes.end()};
}
#else
std::string png(int width, int height, std::span<const std::uint8_t> pixels) {
  return ferlab::formats::encode_png(width, height, 1, pixels);
}
#endif

}  // namespace

std::string picture_url(int width, int height, std::span<const std::uint8_t> pixels) {
  return "data:image/png;base64," + base64(png(width, height, pixels));
}

}  // namespace fer2013
