// SPDX-License-Identifier: MIT
#include <ferlab/formats/picture_header.hpp>
#include <ferlab/formats/png.hpp>

#include <string>
#include <utility>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using namespace ferlab::formats;
using namespace std::string_literals;
using Catch::Contains;

TEST_CASE("the size of a picture file is read from its header") {
  const auto size = [](const std::string& bytes) {
    const PictureSize found = picture_size(bytes);
    return std::pair{found.width, found.height};
  };
  using Size = std::pair<std::uint32_t, std::uint32_t>;
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

TEST_CASE("a picture of more pixels than any camera's is refused") {
  CHECK_NOTHROW(check_picture_size({10000, 10000}));
  CHECK_NOTHROW(check_picture_size({0, 0}));  // not known
  CHECK_THROWS_WITH(check_picture_size({10001, 10000}), Contains("a picture of 10001x10000 pixels; the most is 100"));
  CHECK_THROWS_AS(check_picture_size({0xffffffff, 0xffffffff}), FormatError);
}

TEST_CASE("a PNG that is cut short or damaged anywhere is not whole") {
  const std::string png = encode_png(3, 2, 1, std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6});
  CHECK(picture_is_whole(png));
  CHECK(picture_is_whole(png + "more"));
  for (std::size_t i = 4; i < png.size(); ++i) REQUIRE_FALSE(picture_is_whole(png.substr(0, i)));
  for (std::size_t i = 8; i < png.size(); ++i) {
    std::string damaged = png;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    CAPTURE(i);
    REQUIRE_FALSE(picture_is_whole(damaged));
  }
}

TEST_CASE("a JPEG without its end, or with that of a thumbnail only, is not whole") {
  const std::string thumbnail = "\xff\xe1\0\6\xff\xd8\xff\xd9"s, frame = "\xff\xc0\0\x0b\x08\0\3\0\7\3"s;
  CHECK(picture_is_whole("\xff\xd8"s + thumbnail + frame + "data\xff\xd9"s));
  CHECK(picture_is_whole("\xff\xd8"s + frame + "data\xff\xd9 and more"s));
  CHECK(picture_is_whole("\xff\xd8"s + thumbnail + "\0\0"s + frame + "data\xff\xd9"s));  // bytes between segments
  CHECK_FALSE(picture_is_whole("\xff\xd8"s + thumbnail + frame + "data"s));
  CHECK_FALSE(picture_is_whole("\xff\xd8"s + thumbnail));
  CHECK_FALSE(picture_is_whole("\xff\xd8"s));
}

TEST_CASE("a WebP file shorter than it says is not whole") {
  const std::string webp = "RIFF\x1c\0\0\0WEBPVP8 "s + std::string(20, 'x');
  CHECK(picture_is_whole(webp));
  CHECK_FALSE(picture_is_whole(webp.substr(0, webp.size() - 1)));
  CHECK_FALSE(picture_is_whole("RIFF"s));
}

TEST_CASE("of other files nothing is known") {
  for (const std::string& other : {""s, "BM"s, "II*\0"s, "text"s}) CHECK(picture_is_whole(other));
}
