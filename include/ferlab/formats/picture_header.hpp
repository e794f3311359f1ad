// SPDX-License-Identifier: MIT
// What a picture file says of itself before anything is decoded: its size, since a small file may become gigabytes, and
// whether it is whole, since decoders make grey of what is missing.
// Source: the specifications of PNG (w3.org/TR/png), JPEG (ITU-T T.81), WebP (RFC 9649) and BMP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ferlab/core/error.hpp"
#include "ferlab/formats/crc32c.hpp"

namespace ferlab::formats {

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

/// Where the first frame header of a JPEG begins, among its segments; npos where there is none.
inline std::size_t jpeg_frame(std::string_view bytes) {
  for (std::size_t at = 2; at + 9 < bytes.size();) {
    const std::uint32_t marker = big_endian(bytes, at, 2);
    const bool frame = marker >= 0xffc0 && marker <= 0xffcf && marker != 0xffc4 && marker != 0xffc8 && marker != 0xffcc;
    if (frame) return at;
    const bool segment = marker >> 8 == 0xff && marker != 0xffff;
    at += segment ? 2 + big_endian(bytes, at + 2, 2) : 1;  // what stands between segments is passed over
  }
  return bytes.npos;
}

inline PictureSize jpeg_size(std::string_view bytes) {
  const std::size_t frame = jpeg_frame(bytes);
  if (frame == bytes.npos) return {};
  return {big_endian(bytes, frame + 7, 2), big_endian(bytes, frame + 5, 2)};
}

/// The end marker, behind the frame: a thumbnail before it has one of its own.
inline bool jpeg_is_whole(std::string_view bytes) {
  const std::size_t frame = jpeg_frame(bytes), end = bytes.rfind("\xff\xd9");
  return frame != bytes.npos && end != bytes.npos && end > frame;
}

/// Every chunk with the checksum it should have, up to the last.
inline bool png_is_whole(std::string_view bytes) {
  for (std::size_t at = 8; at + 12 <= bytes.size();) {
    const std::size_t length = big_endian(bytes, at, 4);
    if (length > bytes.size() - at - 12) return false;
    const std::string_view type_and_data = bytes.substr(at + 4, 4 + length);
    if (crc32(type_and_data) != big_endian(bytes, at + 8 + length, 4)) return false;
    if (type_and_data.starts_with("IEND")) return true;
    at += 12 + length;
  }
  return false;
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

/// Throws FormatError, without the file's name, for more than most_pixels.
inline void check_picture_size(PictureSize size) {
  if (std::uint64_t(size.width) * size.height > most_pixels)
    throw FormatError("a picture of " + std::to_string(size.width) + "x" + std::to_string(size.height) +
                      " pixels; the most is " + std::to_string(most_pixels / 1'000'000) +
                      " million. Make it smaller first");
}

/// False for a PNG, JPEG or WebP file that is cut short, or a PNG with a wrong checksum. Of other files it knows
/// nothing: true.
inline bool picture_is_whole(std::string_view bytes) {
  using namespace detail;
  if (bytes.starts_with("\x89PNG")) return png_is_whole(bytes);
  if (bytes.starts_with("\xff\xd8")) return jpeg_is_whole(bytes);
  if (bytes.starts_with("RIFF"))
    return bytes.size() >= 32 && bytes.size() >= 8 + std::uint64_t(little_endian(bytes, 4, 4));
  return true;
}

}  // namespace ferlab::formats
