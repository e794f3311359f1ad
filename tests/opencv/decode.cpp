// SPDX-License-Identifier: MIT
#include <ferlab/data/fingerprint.hpp>
#include <ferlab/datasets/image_folder.hpp>
#include <ferlab/formats/png.hpp>
#include <ferlab/opencv.hpp>

#include <filesystem>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using formats::Picture, formats::read_picture;
using Bytes = std::vector<std::uint8_t>;

namespace {

/// A picture of `channels` in a format of OpenCV's, as the bytes of a file.
std::string encoded(const std::string& format, int channels, int depth = CV_8U) {
  cv::Mat picture(4, 6, CV_MAKETYPE(depth, channels));
  cv::randu(picture, 0, depth == CV_8U ? 256 : 65536);
  std::vector<unsigned char> bytes;
  REQUIRE(cv::imencode(format, picture, bytes));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("pixels come as they are in the file, red first") {
  const test::TemporaryFolder folder;
  const Bytes colours{255, 0, 1, 2, 3, 4, 5, 6, 7, 250, 251, 252};
  test::write_file(folder / "colour", formats::encode_png(2, 2, 3, colours));
  test::write_file(folder / "grey", formats::encode_png(4, 3, 1, colours));
  const Picture colour = read_picture(folder / "colour", decode_with_opencv);
  CHECK((colour.width == 2 && colour.height == 2 && colour.channels == 3));
  CHECK(colour.pixels == colours);
  const Picture grey = read_picture(folder / "grey", decode_with_opencv);
  CHECK((grey.width == 4 && grey.height == 3 && grey.channels == 1));
  CHECK(grey.pixels == colours);
}

TEST_CASE("the usual formats are read, transparent or deep ones as well") {
  for (const char* format : {".png", ".jpg", ".bmp", ".webp", ".tiff"})
    for (const int channels : {1, 3}) {
      CAPTURE(format, channels);
      const Picture picture = decode_with_opencv(encoded(format, channels));
      CHECK((picture.width == 6 && picture.height == 4));
      CHECK(picture.pixels.size() == std::size_t(24 * picture.channels));
    }
  CHECK(decode_with_opencv(encoded(".png", 4)).channels == 3);
  CHECK(decode_with_opencv(encoded(".png", 1, CV_16U)).pixels.size() == 24);
}

TEST_CASE("what is no picture is a FormatError") {
  for (const std::string& bytes : {std::string(), std::string("text"), std::string("GIF89a")})
    CHECK_THROWS_AS(decode_with_opencv(bytes), FormatError);
}

TEST_CASE("a picture cut short is found before OpenCV fills it up with grey") {
  const test::TemporaryFolder folder;
  for (const char* format : {".png", ".jpg", ".webp"}) {
    const std::string whole = encoded(format, 3);
    test::write_file(folder / "whole", whole);
    CHECK_NOTHROW(read_picture(folder / "whole", decode_with_opencv));
    for (const std::size_t part : {1, 2, 3}) {
      test::write_file(folder / "cut", whole.substr(0, whole.size() * part / 4));
      CAPTURE(format, part);
      CHECK_THROWS_WITH(read_picture(folder / "cut", decode_with_opencv), Catch::Contains("cut short"));
    }
  }
}

TEST_CASE("a folder of PNG and PGM files is one data set, on any number of threads") {
  const test::TemporaryFolder folder;
  for (int i = 0; i < 40; ++i) {
    const std::string name = folder / (i % 2 ? "cat/" : "dog/") + std::to_string(i);
    std::filesystem::create_directories(std::filesystem::path(name).parent_path());
    if (i % 3)
      test::write_file(name, formats::encode_png(2, 1, 1, Bytes{std::uint8_t(i), std::uint8_t(100 + i)}));
    else
      test::write_file(name, "P2 2 1 255 " + std::to_string(i) + " " + std::to_string(100 + i));
  }
  const auto read = [&](int threads) {
    return datasets::read_image_folder(folder.path,
                                       {.shape = {1, 2, 1}, .decoder = decode_with_opencv, .threads = threads});
  };
  const data::Dataset one = read(1);
  REQUIRE(one.size() == 40);
  for (std::size_t i = 0; i < 40; ++i) {
    const int number = std::stoi(std::filesystem::path(one.file(i)).filename());
    REQUIRE((one.image(i)[0] == number && one.image(i)[1] == 100 + number));
    REQUIRE(one.class_names()[one.label(i)] == (number % 2 ? "cat" : "dog"));
  }
  for (const int threads : {2, 5}) CHECK(data::fingerprint(read(threads)) == data::fingerprint(one));
}
