// SPDX-License-Identifier: MIT
// PNG images without compression: no library needed, and the numbers in the file are the pixels.
// Source: the PNG specification (w3.org/TR/png), RFC 1950 (zlib), RFC 1951 (stored blocks of deflate).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ferlab/core/error.hpp"
#include "ferlab/formats/crc32c.hpp"

namespace ferlab::formats {

namespace detail {

inline void append_big_endian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

inline void append_png_chunk(std::string& out, std::string_view type_and_data) {
  append_big_endian(out, std::uint32_t(type_and_data.size() - 4));
  out += type_and_data;
  append_big_endian(out, crc32(type_and_data));
}

inline std::uint32_t adler32(std::string_view bytes) {
  std::uint32_t a = 1, b = 0;
  while (!bytes.empty()) {
    for (char c : bytes.substr(0, 5552)) b += a += static_cast<unsigned char>(c);  // most that cannot overflow
    a %= 65521, b %= 65521;
    bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 5552));
  }
  return b << 16 | a;
}

/// A zlib stream whose blocks are stored, not compressed.
inline void append_zlib(std::string& out, std::string_view bytes) {
  constexpr std::size_t most = 65535;
  const std::uint32_t checksum = adler32(bytes);
  out += "\x78\x01";
  for (bool last = false; !last;) {
    const std::string_view block = bytes.substr(0, most);
    bytes.remove_prefix(block.size());
    last = bytes.empty();
    const char size[] = {static_cast<char>(block.size() & 0xff), static_cast<char>(block.size() >> 8)};
    out += {static_cast<char>(last), size[0], size[1], static_cast<char>(~size[0]), static_cast<char>(~size[1])};
    out += block;
  }
  append_big_endian(out, checksum);
}

}  // namespace detail

/// `pixels` ([height][width][channels]; 1 channel: grey, 3: red, green, blue) as the bytes of an 8-bit PNG file. Throws
/// ArgumentError where the sizes make no sense.
inline std::string encode_png(int width, int height, int channels, std::span<const std::uint8_t> pixels) {
  if (width < 1 || height < 1 || width > 16384 || height > 16384 || (channels != 1 && channels != 3))
    throw ArgumentError("encode_png: cannot make a PNG of " + std::to_string(width) + " x " + std::to_string(height) +
                        " pixels with " + std::to_string(channels) +
                        " channels; expected 1 to 16384 pixels each way, 1 or 3 channels");
  const std::size_t row = std::size_t(width) * std::size_t(channels), size = row * std::size_t(height);
  if (pixels.size() != size)
    throw ArgumentError("encode_png: expected " + std::to_string(size) + " numbers for " + std::to_string(width) +
                        " x " + std::to_string(height) + " x " + std::to_string(channels) + " pixels, got " +
                        std::to_string(pixels.size()));

  std::string header = "IHDR";
  detail::append_big_endian(header, std::uint32_t(width));
  detail::append_big_endian(header, std::uint32_t(height));
  // Bits, grey or RGB; deflate, the usual filters, not interlaced.
  header += {8, static_cast<char>(channels == 3 ? 2 : 0), 0, 0, 0};

  std::string rows;
  rows.reserve((row + 1) * std::size_t(height));
  for (std::size_t y = 0; y < std::size_t(height); ++y) {
    rows += '\0';  // no filter
    rows.append(reinterpret_cast<const char*>(pixels.data()) + y * row, row);
  }
  std::string data = "IDAT";
  data.reserve(rows.size() + rows.size() / 8192 + 64);
  detail::append_zlib(data, rows);

  std::string file = "\x89PNG\r\n\x1a\n";
  detail::append_png_chunk(file, header);
  detail::append_png_chunk(file, data);
  detail::append_png_chunk(file, "IEND");
  return file;
}

}  // namespace ferlab::formats
