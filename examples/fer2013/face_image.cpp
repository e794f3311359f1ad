// SPDX-License-Identifier: MIT
#include "face_image.hpp"

#include <ferlab/core/error.hpp>
#include <ferlab/core/mapped_file.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "picture_size.hpp"

#ifdef FERLAB_WITH_OPENCV
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#endif

namespace fer2013 {

namespace {

constexpr int side = 48;

/// ITU-R BT.601, rounded as OpenCV's COLOR_BGR2GRAY does, which the demo uses.
std::uint8_t grey_of(int red, int green, int blue) {
  return std::uint8_t((9798 * red + 19235 * green + 3735 * blue + (1 << 14)) >> 15);
}

void check_size(PictureSize size, const std::string& path) {
  if (std::uint64_t(size.width) * size.height > most_pixels)
    throw ferlab::FormatError(path + ": a picture of " + std::to_string(size.width) + "x" +
                              std::to_string(size.height) + " pixels; the most is " +
                              std::to_string(most_pixels / 1'000'000) + " million. Make it smaller first");
}

/// Netpbm, plain (P2, P3) and raw (P5, P6), 8 bits.
GreyImage read_netpbm(std::string_view text, const std::string& path) {
  const auto fail = [&](const std::string& what) -> void { throw ferlab::FormatError(path + ": " + what); };
  const char kind = text[1];
  std::size_t at = 2;
  const auto number = [&]() -> int {
    while (at < text.size() &&
           (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n' || text[at] == '#')) {
      if (text[at] == '#')
        while (at < text.size() && text[at] != '\n') ++at;
      else
        ++at;
    }
    int value = 0, digits = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && digits < 8; ++at, ++digits)
      value = value * 10 + (text[at] - '0');
    if (digits == 0) fail("a number is missing, the picture is cut short or damaged");
    return value;
  };
  GreyImage image;
  image.width = number();
  image.height = number();
  const int most = number();
  if (image.width < 1 || image.height < 1)
    fail("a picture of " + std::to_string(image.width) + "x" + std::to_string(image.height) + " pixels");
  check_size({std::uint32_t(image.width), std::uint32_t(image.height)}, path);
  if (most != 255) fail("expected 8-bit values up to 255, got up to " + std::to_string(most));
  const bool colour = kind == '3' || kind == '6', plain = kind == '2' || kind == '3';
  const std::size_t n = std::size_t(image.width) * std::size_t(image.height), channels = colour ? 3 : 1;
  if (!plain && text.size() < at + 1 + n * channels) fail("the picture is cut short");
  if (plain && text.size() < at + n * channels) fail("the picture is cut short");
  ++at;
  const auto value = [&]() -> int {
    if (!plain) return static_cast<unsigned char>(text[at++]);
    const int v = number();
    if (v > 255) fail("a value of " + std::to_string(v) + ", expected 0 to 255");
    return v;
  };
  image.pixels.resize(n);
  for (auto& pixel : image.pixels) {
    const int red = value();
    if (colour) {
      const int green = value(), blue = value();
      pixel = grey_of(red, green, blue);
    } else {
      pixel = std::uint8_t(red);
    }
  }
  return image;
}

}  // namespace

GreyImage read_image(const std::string& path) {
  const ferlab::MappedFile file(path);
  const std::string_view text = file.text();
  if (text.size() > 2 && text[0] == 'P' && (text[1] == '2' || text[1] == '3' || text[1] == '5' || text[1] == '6'))
    return read_netpbm(text, path);
  check_size(picture_size(text), path);
#ifdef FERLAB_WITH_OPENCV
  cv::Mat picture, grey;
  try {
    picture = cv::imread(path, cv::IMREAD_COLOR);
  } catch (const cv::Exception&) {  // of many lines; the one below says it
  }
  if (picture.empty()) throw ferlab::FormatError(path + ": not a picture that OpenCV can read");
  cv::cvtColor(picture, grey, cv::COLOR_BGR2GRAY);
  GreyImage image{grey.cols, grey.rows, {}};
  for (int y = 0; y < grey.rows; ++y) image.pixels.insert(image.pixels.end(), grey.ptr(y), grey.ptr(y) + grey.cols);
  return image;
#else
  throw ferlab::FormatError(path +
                            ": not a PGM or PPM picture, and this program was built without OpenCV; install "
                            "libopencv-dev and build again to read PNG and JPEG");
#endif
}

void check_picture_size(const std::string& path) { check_size(picture_size(ferlab::MappedFile(path).text()), path); }

void warn_if_tiny(const std::string& path, int width, int height) {
  constexpr int least = 16;
  if (std::min(width, height) < least)
    std::fprintf(stderr,
                 "%s: a picture of %dx%d pixels is too small to show a face; what is said of it means nothing\n",
                 path.c_str(), width, height);
}

std::vector<std::uint8_t> to_face(const GreyImage& image, Rectangle box) {
  const int x0 = std::clamp(box.x, 0, image.width - 1), y0 = std::clamp(box.y, 0, image.height - 1);
  const int x1 = std::clamp(box.x + box.width, x0 + 1, image.width),
            y1 = std::clamp(box.y + box.height, y0 + 1, image.height);
  // For each target pixel the source pixels it covers, with the shares of the ones at its ends. Where the face is
  // smaller than 48 pixels the cover is widened to one pixel, which is linear interpolation.
  struct Cover {
    int first = 0;
    std::vector<double> weights;
  };
  const auto covers = [](int from, int to) {
    std::vector<Cover> all(side);
    const double scale = double(to - from) / side, width = std::max(scale, 1.0);
    for (int i = 0; i < side; ++i) {
      const double middle = from + (i + 0.5) * scale, begin = middle - width / 2, end = middle + width / 2;
      all[std::size_t(i)].first = std::clamp(int(std::floor(begin)), from, to - 1);
      for (int s = int(std::floor(begin)); s < end; ++s) {
        const double share = std::min(end, s + 1.0) - std::max(begin, double(s));
        if (share <= 0) continue;
        const auto slot = std::size_t(std::clamp(s, from, to - 1) - all[std::size_t(i)].first);
        if (all[std::size_t(i)].weights.size() <= slot) all[std::size_t(i)].weights.resize(slot + 1);
        all[std::size_t(i)].weights[slot] += share / width;
      }
    }
    return all;
  };
  const auto across = covers(x0, x1), down = covers(y0, y1);
  std::vector<std::uint8_t> face(side * side);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      double sum = 0;
      const Cover &rows = down[std::size_t(y)], &columns = across[std::size_t(x)];
      for (std::size_t j = 0; j < rows.weights.size(); ++j)
        for (std::size_t i = 0; i < columns.weights.size(); ++i)
          sum +=
              rows.weights[j] * columns.weights[i] *
              image.pixels[(std::size_t(rows.first) + j) * std::size_t(image.width) + std::size_t(columns.first) + i];
      face[std::size_t(y * side + x)] = std::uint8_t(std::clamp(std::lround(sum), 0l, 255l));
    }
  return face;
}

std::vector<std::uint8_t> to_face(const GreyImage& image) { return to_face(image, {0, 0, image.width, image.height}); }

}  // namespace fer2013
