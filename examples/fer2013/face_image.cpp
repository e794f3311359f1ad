// SPDX-License-Identifier: MIT
#include "face_image.hpp"

#include <ferlab/core/error.hpp>
#include <ferlab/core/mapped_file.hpp>

#include <algorithm>
#include <cstdio>

#ifdef FERLAB_WITH_OPENCV
#include <ferlab/opencv.hpp>
#endif

namespace fer2013 {

namespace {

constexpr int side = 48;

}  // namespace

#ifdef FERLAB_WITH_OPENCV
Picture decode(std::string_view bytes) { return ferlab::decode_with_opencv(bytes); }
#else
Picture decode(std::string_view) {
  throw ferlab::FormatError(
      "not a PGM or PPM picture, and this program was built without OpenCV; install libopencv-dev and build again to "
      "read PNG and JPEG");
}
#endif

Picture read_image(const std::string& path) {
  return ferlab::formats::with_channels(ferlab::formats::read_picture(path, decode), 1);
}

void check_picture_size(const std::string& path) {
  const ferlab::MappedFile file(path);
  try {
    ferlab::formats::check_picture_size(ferlab::formats::picture_size(file.text()));
  } catch (const ferlab::FormatError& error) {
    throw ferlab::FormatError(path + ": " + error.what());
  }
}

void warn_if_tiny(const std::string& path, int width, int height) {
  constexpr int least = 16;
  if (std::min(width, height) < least)
    std::fprintf(stderr,
                 "%s: a picture of %dx%d pixels is too small to show a face; what is said of it means nothing\n",
                 path.c_str(), width, height);
}

std::vector<std::uint8_t> to_face(const Picture& picture, const Rectangle& box) {
  return ferlab::datasets::resize(picture, box, side, side);
}

std::vector<std::uint8_t> to_face(const Picture& picture) {
  return to_face(picture, {0, 0, picture.width, picture.height});
}

}  // namespace fer2013
