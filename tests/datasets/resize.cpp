// SPDX-License-Identifier: MIT
#include <ferlab/datasets/resize.hpp>

#include <cmath>

#include "support/catch.hpp"

using namespace ferlab::datasets;

namespace {

Picture pattern(int width, int height, int channels = 1) {
  Picture image{width, height, channels, {}};
  for (int i = 0; i < width * height * channels; ++i) image.pixels.push_back(std::uint8_t(i * 37 % 251));
  return image;
}

}  // namespace

TEST_CASE("a picture of the size that is wanted stays as it is") {
  CHECK(resize(pattern(5, 7), 7, 5) == pattern(5, 7).pixels);
  CHECK(resize(pattern(5, 7, 3), 7, 5) == pattern(5, 7, 3).pixels);
}

TEST_CASE("a picture shrunk by a whole number is the mean of the pixels it covers") {
  const int times = GENERATE(2, 3);
  const Picture image = pattern(48 * times, 48 * times);
  const auto small = resize(image, 48, 48);
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 48; ++x) {
      int sum = 0;
      for (int j = 0; j < times; ++j)
        for (int i = 0; i < times; ++i) sum += image.pixels[std::size_t((y * times + j) * image.width + x * times + i)];
      const double mean = double(sum) / (times * times);
      REQUIRE(std::abs(small[std::size_t(y * 48 + x)] - mean) <= 0.5 + 1e-9);
    }
}

TEST_CASE("pixels that are covered in part count in part") {
  Picture image{72, 72, 1, std::vector<std::uint8_t>(72 * 72)};  // 1.5 pixels to one
  for (int y = 0; y < 72; ++y)
    for (int x = 0; x < 72; ++x) image.pixels[std::size_t(y * 72 + x)] = x % 3 == 0 ? 150 : 0;
  const auto small = resize(image, 48, 48);
  CHECK(small[0] == 100);  // pixel 0 and half of pixel 1
  CHECK(small[1] == 0);    // the other half and pixel 2
  CHECK(small[2] == 100);
}

TEST_CASE("a constant picture stays constant, larger or smaller") {
  const int size = GENERATE(1, 7, 31, 48, 49, 200);
  const Picture image{size, size + 3, 1, std::vector<std::uint8_t>(std::size_t(size) * std::size_t(size + 3), 93)};
  CHECK(resize(image, 48, 48) == std::vector<std::uint8_t>(48 * 48, 93));
}

TEST_CASE("a small picture is enlarged smoothly between its outermost pixels") {
  const Picture image{2, 1, 1, {10, 250}};
  const auto small = resize(image, 48, 48);
  CHECK(small[0] == 10);
  CHECK(small[47] == 250);
  for (std::size_t x = 1; x < 48; ++x) REQUIRE(small[x] >= small[x - 1]);
  CHECK(small[23] + small[24] == 260);
}

TEST_CASE("what of a box lies outside the picture is left out") {
  const Picture image = pattern(100, 80);
  CHECK(resize(image, {-20, -30, 68, 78}, 48, 48) == resize(image, {0, 0, 48, 48}, 48, 48));
  CHECK(resize(image, {52, 32, 500, 500}, 48, 48) == resize(image, {52, 32, 48, 48}, 48, 48));
  CHECK(resize(image, {-9, -9, 1000, 1000}, 48, 48) == resize(image, 48, 48));
  CHECK(resize(image, {500, 500, 10, 10}, 48, 48) == std::vector<std::uint8_t>(48 * 48, image.pixels.back()));
  CHECK(resize(image, {-50, -50, 10, 10}, 48, 48) == std::vector<std::uint8_t>(48 * 48, image.pixels.front()));
}

TEST_CASE("colours are resized each by itself, height before width") {
  const Picture colour = pattern(11, 9, 3);
  const auto together = resize(colour, 4, 6);
  REQUIRE(together.size() == 4 * 6 * 3);
  for (std::size_t c = 0; c < 3; ++c) {
    Picture one{11, 9, 1, {}};
    for (std::size_t i = c; i < colour.pixels.size(); i += 3) one.pixels.push_back(colour.pixels[i]);
    const auto alone = resize(one, 4, 6);
    for (std::size_t i = 0; i < alone.size(); ++i) REQUIRE(together[3 * i + c] == alone[i]);
  }
}
