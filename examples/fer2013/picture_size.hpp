// SPDX-License-Identifier: MIT
// The size that a picture file says it has, before anything is decoded: a small file may become gigabytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fer2013 {

struct PictureSize {
  std::uint32_t width = 0, height = 0;  ///< 0: not known
};

/// More than any camera's.
inline constexpr std::uint64_t most_pixels = 100'000'000;

namespace detail {

/// `count` bytes from `at` on as a number; 0 behind the end.
inline std::uint32_t big_endian(std::string_view bytes, std::size_t at, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i)
    value = value << 8 | (at + std::size_t(i) < bytes.size() ? std::uint8_t(bytes[at + std::size_t(i)]) : 0u);
  return value;
}
inline std::uint32_t little_endian(std::string_view bytes, std::size_t at, int count) {
  std::uint32_t value = 0;
  for (int i = count; i-- > 0;)
    value = value << 8 | (at + std::size_t(i) < bytes.size() ? std::uint8_t(bytes[at + std::size_t(i)]) : 0u);
  return value;
}

/// JPEG: the first frame header among the segments.
inline PictureSize jpeg_size(std::string_view bytes) {
  for (std::size_t at = 2; at + 9 < bytes.size();) {
    const std::uint32_t marker = big_endian(bytes, at, 2);
    const bool frame = marker >= 0xffc0 && marker <= 0xffcf && marker != 0xffc4 && marker != 0xffc8 && marker != 0xffcc;
    if (frame) return {big_endian(bytes, at + 7, 2), big_endian(bytes, at + 5, 2)};
    if (marker >> 8 != 0xff) return {};
    at += marker == 0xffff ? 1 : 2 + big_endian(bytes, at + 2, 2);  // padding, or a segment
  }
  return {};
}

inline PictureSize webp_size(std::string_view bytes) {
  const std::string_view kind = bytes.substr(12, 4);
  if (kind == "VP8X") return {1 + little_endian(bytes, 24, 3), 1 + little_endian(bytes, 27, 3)};
  if (kind == "VP8 ") return {little_endian(bytes, 26, 2) & 0x3fff, little_endian(bytes, 28, 2) & 0x3fff};
  if (kind == "VP8L") {
    const std::uint32_t bits = little_endian(bytes, 21, 4);
    return {1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff)};
  }
  return {};
}

}  // namespace detail

/// Of a PNG, JPEG, BMP or WebP file.
inline PictureSize picture_size(std::string_view bytes) {
  using namespace detail;
  if (bytes.starts_with("\x89PNG")) return {big_endian(bytes, 16, 4), big_endian(bytes, 20, 4)};
  if (bytes.starts_with("\xff\xd8")) return jpeg_size(bytes);
  if (bytes.starts_with("BM")) {
    const std::uint32_t height = little_endian(bytes, 22, 4);
    return {little_endian(bytes, 18, 4), height >> 31 ? 0 - height : height};  // negative: top row first
  }
  if (bytes.starts_with("RIFF") && bytes.size() > 16 && bytes.substr(8, 4) == "WEBP") return webp_size(bytes);
  return {};
}

}  // namespace fer2013
