// SPDX-License-Identifier: MIT
// The parts of the fer2013 program that need no program: the crop that feeds the network, the tracker, Netpbm files.
#include <ferlab/core/error.hpp>

#include <cstdio>
#include <fstream>

#include "face_image.hpp"
#include "face_tracker.hpp"
#include "picture_size.hpp"
#include "support/catch.hpp"

using namespace fer2013;

namespace {

GreyImage pattern(int width, int height) {
  GreyImage image{width, height, {}};
  for (int i = 0; i < width * height; ++i) image.pixels.push_back(std::uint8_t(i * 37 % 251));
  return image;
}

/// A file with these bytes, gone at the end of the test.
struct File {
  std::string path;
  File(const std::string& name, const std::string& bytes) : path("test_fer2013_" + name) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  ~File() { std::remove(path.c_str()); }
};

}  // namespace

TEST_CASE("a 48 x 48 face is taken as it is") {
  const GreyImage image = pattern(48, 48);
  CHECK(to_face(image) == image.pixels);
}

TEST_CASE("a 48 x 48 box is cut out as it is") {
  const GreyImage image = pattern(60, 70);
  const auto face = to_face(image, {5, 9, 48, 48});
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 48; ++x)
      REQUIRE(face[std::size_t(y * 48 + x)] == image.pixels[std::size_t((y + 9) * 60 + x + 5)]);
}

TEST_CASE("a face shrunk by a whole number is the mean of the pixels it covers") {
  const int times = GENERATE(2, 3);
  const GreyImage image = pattern(48 * times, 48 * times);
  const auto face = to_face(image);
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 48; ++x) {
      int sum = 0;
      for (int j = 0; j < times; ++j)
        for (int i = 0; i < times; ++i) sum += image.pixels[std::size_t((y * times + j) * image.width + x * times + i)];
      const double mean = double(sum) / (times * times);
      REQUIRE(std::abs(face[std::size_t(y * 48 + x)] - mean) <= 0.5 + 1e-9);
    }
}

TEST_CASE("pixels that are covered in part count in part") {
  GreyImage image{72, 72, std::vector<std::uint8_t>(72 * 72)};  // 1.5 pixels to one
  for (int y = 0; y < 72; ++y)
    for (int x = 0; x < 72; ++x) image.pixels[std::size_t(y * 72 + x)] = x % 3 == 0 ? 150 : 0;
  const auto face = to_face(image);
  CHECK(face[0] == 100);  // pixel 0 and half of pixel 1
  CHECK(face[1] == 0);    // the other half and pixel 2
  CHECK(face[2] == 100);
}

TEST_CASE("a constant picture stays constant, larger or smaller") {
  const int size = GENERATE(1, 7, 31, 48, 49, 200);
  const GreyImage image{size, size + 3, std::vector<std::uint8_t>(std::size_t(size) * std::size_t(size + 3), 93)};
  CHECK(to_face(image) == std::vector<std::uint8_t>(48 * 48, 93));
}

TEST_CASE("a small face is enlarged smoothly between its outermost pixels") {
  const GreyImage image{2, 1, {10, 250}};
  const auto face = to_face(image);
  CHECK(face[0] == 10);
  CHECK(face[47] == 250);
  for (std::size_t x = 1; x < 48; ++x) REQUIRE(face[x] >= face[x - 1]);
  CHECK(face[23] + face[24] == 260);
}

TEST_CASE("what of a box lies outside the picture is left out") {
  const GreyImage image = pattern(100, 80);
  CHECK(to_face(image, {-20, -30, 68, 78}) == to_face(image, {0, 0, 48, 48}));
  CHECK(to_face(image, {52, 32, 500, 500}) == to_face(image, {52, 32, 48, 48}));
  CHECK(to_face(image, {-9, -9, 1000, 1000}) == to_face(image));
  CHECK(to_face(image, {500, 500, 10, 10}) == std::vector<std::uint8_t>(48 * 48, image.pixels.back()));
  CHECK(to_face(image, {-50, -50, 10, 10}) == std::vector<std::uint8_t>(48 * 48, image.pixels.front()));
}

TEST_CASE("Netpbm pictures are read, plain and raw, grey and colour") {
  CHECK(read_image(File("a.pgm", "P2 # a comment\n3 1\n255\n1 2 250\n").path).pixels ==
        std::vector<std::uint8_t>{1, 2, 250});
  CHECK(read_image(File("b.pgm", "P5\n2 1\n255\nAz").path).pixels == std::vector<std::uint8_t>{'A', 'z'});
  CHECK(read_image(File("c.ppm", "P3 3 1 255 255 0 0 0 255 0 0 0 255").path).pixels ==
        std::vector<std::uint8_t>{76, 150, 29});
  CHECK(read_image(File("d.ppm", "P6\n1 1\n255\nAAA").path).pixels == std::vector<std::uint8_t>{'A'});
}

TEST_CASE("damaged Netpbm pictures are refused") {
  for (const char* bytes : {"P5\n4 4\n255\nabc", "P5\n4", "P5\n0 4\n255\n", "P5\n1 1\n65535\nab", "P2 2 1 255 1 300",
                            "P2 2 1 255 1    ", "P5\n99999999 99999999\n255\n"}) {
    const File file("damaged.pgm", bytes);
    CAPTURE(bytes);
    CHECK_THROWS_AS(read_image(file.path), ferlab::FormatError);
  }
  CHECK_THROWS_AS(read_image("no such file.pgm"), ferlab::IoError);
}

TEST_CASE("overlap is intersection over union") {
  CHECK(overlap({0, 0, 10, 10}, {0, 0, 10, 10}) == 1.0);
  CHECK(overlap({0, 0, 10, 10}, {5, 0, 10, 10}) == Approx(1.0 / 3));
  CHECK(overlap({0, 0, 10, 10}, {10, 0, 10, 10}) == 0.0);
}

TEST_CASE("a face that stays is smoothed, one elsewhere begins anew") {
  FaceTracker tracker(0.5f);
  tracker.begin_frame();
  CHECK(tracker.update({0, 0, 100, 100}, std::vector<float>{1, 0}).probabilities == std::vector<float>{1, 0});
  tracker.begin_frame();
  CHECK(tracker.update({10, 0, 100, 100}, std::vector<float>{0, 1}).probabilities == std::vector<float>{0.5f, 0.5f});
  CHECK(tracker.update({300, 0, 100, 100}, std::vector<float>{0, 1}).probabilities == std::vector<float>{0, 1});
}

TEST_CASE("two faces in one frame are never taken for one") {
  FaceTracker tracker(0.5f);
  tracker.begin_frame();
  tracker.update({0, 0, 100, 100}, std::vector<float>{1, 0});
  CHECK(tracker.update({5, 5, 100, 100}, std::vector<float>{0, 1}).probabilities == std::vector<float>{0, 1});
}

TEST_CASE("of two faces the one that overlaps more is followed") {
  FaceTracker tracker(0.5f);
  tracker.begin_frame();
  tracker.update({0, 0, 100, 100}, std::vector<float>{1, 0});
  tracker.update({40, 0, 100, 100}, std::vector<float>{0, 1});
  tracker.begin_frame();
  CHECK(tracker.update({36, 0, 100, 100}, std::vector<float>{0, 1}).probabilities == std::vector<float>{0, 1});
}

TEST_CASE("a face is remembered over ten frames without it, and then forgotten") {
  const int missed = GENERATE(9, 10);
  FaceTracker tracker(0.5f);
  tracker.begin_frame();
  tracker.update({0, 0, 100, 100}, std::vector<float>{1, 0});
  for (int i = 0; i < missed; ++i) tracker.begin_frame();
  tracker.begin_frame();
  const auto seen = tracker.update({0, 0, 100, 100}, std::vector<float>{0, 1}).probabilities;
  CHECK(seen == (missed == 9 ? std::vector<float>{0.5f, 0.5f} : std::vector<float>{0, 1}));
}

TEST_CASE("the size of a picture file is read from its header") {
  const auto size = [](const std::string& bytes) {
    const PictureSize found = picture_size(bytes);
    return std::pair{found.width, found.height};
  };
  using Size = std::pair<std::uint32_t, std::uint32_t>;
  using namespace std::string_literals;
  CHECK(size("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x4e\x20\0\1\0\2"s) == Size{20000, 65538});
  CHECK(size("\xff\xd8\xff\xe0\0\4xx\xff\xff\xc2\0\x0b\x08\x10\1\x20\2\3"s) == Size{0x2002, 0x1001});
  CHECK(size("\xff\xd8\xff\xc4\0\4xx\xff\xc0\0\x0b\x08\0\3\0\7\3"s) == Size{7, 3});               // C4 holds no size
  CHECK(size("BM"s + std::string(16, 'x') + "\x10\x27\0\0\xfe\xff\xff\xff"s) == Size{10000, 2});  // top row first
  CHECK(size("RIFFxxxxWEBPVP8 xxxxxxxxxx\x40\xc1\x20\2"s) == Size{0x140, 0x220});
  CHECK(size("RIFFxxxxWEBPVP8Xxxxxxxxx\xff\x0f\0\xff\x1f\0"s) == Size{4096, 8192});
  CHECK(size("RIFFxxxxWEBPVP8Lxxxx\x2f\x3f\x80\x1f\0"s) == Size{64, 127});
  for (const std::string& other : {""s, "\x89PNG"s, "\xff\xd8"s, "\xff\xd8\xff\xe0\xff\xff"s, "BM"s, "RIFF"s, "II*\0"s})
    CHECK(size(other) == Size{0, 0});
}
