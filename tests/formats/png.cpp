// SPDX-License-Identifier: MIT
// PNG files read back with a reader of stored blocks, written from the specifications.
#include <ferlab/formats/png.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace ferlab;

namespace {

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(i));
  return value;
}

/// The data of the next chunk, which must be of this type and have its checksum.
std::string_view chunk(std::string_view& file, std::string_view type) {
  const std::uint32_t size = big_endian(file);
  REQUIRE(file.size() >= size + 12);
  REQUIRE(file.substr(4, 4) == type);
  REQUIRE(big_endian(file.substr(8 + size)) == formats::crc32(file.substr(4, 4 + size)));
  const std::string_view data = file.substr(8, size);
  file.remove_prefix(size + 12);
  return data;
}

std::string inflate_stored(std::string_view zlib) {
  REQUIRE(zlib.size() >= 6);
  REQUIRE((static_cast<unsigned char>(zlib[0]) * 256 + static_cast<unsigned char>(zlib[1])) % 31 == 0);
  REQUIRE((zlib[0] & 15) == 8);
  zlib.remove_prefix(2);
  std::string bytes;
  for (bool last = false; !last;) {
    REQUIRE(zlib.size() >= 9);
    last = zlib[0] & 1;
    REQUIRE((zlib[0] & ~1) == 0);
    const auto byte = [&](std::size_t i) { return unsigned(static_cast<unsigned char>(zlib[i])); };
    const unsigned size = byte(1) | byte(2) << 8;
    REQUIRE((byte(3) | byte(4) << 8) == (~size & 0xffffu));
    REQUIRE(zlib.size() >= 9 + size);
    bytes += zlib.substr(5, size);
    zlib.remove_prefix(5 + size);
  }
  std::uint32_t a = 1, b = 0;
  for (char c : bytes) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  REQUIRE(zlib.size() == 4);
  REQUIRE(big_endian(zlib) == (b << 16 | a));
  return bytes;
}

}  // namespace

TEST_CASE("encode_png keeps the pixels, grey and colour") {
  // 300 x 300 x 3 needs several stored blocks, and its checksum several rounds of adler32.
  const int sizes[][3] = {{1, 1, 1}, {5, 3, 1}, {2, 7, 3}, {300, 300, 3}};
  for (const auto& [width, height, channels] : sizes) {
    std::vector<std::uint8_t> pixels(std::size_t(width * height * channels));
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = std::uint8_t(255 - i * 7 % 251);
    const std::string bytes = formats::encode_png(width, height, channels, pixels);
    std::string_view file = bytes;
    REQUIRE(file.substr(0, 8) == "\x89PNG\r\n\x1a\n");
    file.remove_prefix(8);
    const std::string_view header = chunk(file, "IHDR");
    REQUIRE(header.size() == 13);
    REQUIRE(big_endian(header) == std::uint32_t(width));
    REQUIRE(big_endian(header.substr(4)) == std::uint32_t(height));
    REQUIRE(header.substr(8) == std::string{8, char(channels == 3 ? 2 : 0), 0, 0, 0});
    const std::string rows = inflate_stored(chunk(file, "IDAT"));
    REQUIRE(chunk(file, "IEND").empty());
    REQUIRE(file.empty());
    const std::size_t row = std::size_t(width * channels);
    REQUIRE(rows.size() == (row + 1) * std::size_t(height));
    for (std::size_t y = 0; y < std::size_t(height); ++y) {
      REQUIRE(rows[y * (row + 1)] == 0);
      REQUIRE(rows.compare(y * (row + 1) + 1, row, reinterpret_cast<const char*>(pixels.data()) + y * row, row) == 0);
    }
  }
}

TEST_CASE("encode_png refuses sizes that make no sense") {
  const std::vector<std::uint8_t> pixels(12);
  REQUIRE_THROWS_AS(formats::encode_png(0, 12, 1, pixels), ArgumentError);
  REQUIRE_THROWS_AS(formats::encode_png(12, -1, 1, pixels), ArgumentError);
  REQUIRE_THROWS_AS(formats::encode_png(3, 2, 2, pixels), ArgumentError);
  REQUIRE_THROWS_AS(formats::encode_png(4, 4, 1, pixels), ArgumentError);
  REQUIRE_THROWS_AS(formats::encode_png(1 << 30, 1 << 30, 3, pixels), ArgumentError);
}
