// SPDX-License-Identifier: MIT
// PGM and PPM pictures, plain (P2, P3) and raw (P5, P6), of 8 bits. Source: netpbm.sourceforge.net/doc/pgm.html,
// ppm.html.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ferlab/core/error.hpp"
#include "ferlab/formats/picture.hpp"
#include "ferlab/formats/picture_header.hpp"

namespace ferlab::formats {

inline bool is_netpbm(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == 'P' &&
         (bytes[1] == '2' || bytes[1] == '3' || bytes[1] == '5' || bytes[1] == '6');
}

/// The picture in a file of which is_netpbm is true. Throws FormatError, without the file's name.
inline Picture decode_netpbm(std::string_view bytes) {
  const char kind = bytes[1];
  std::size_t at = 2;
  const auto number = [&]() -> int {
    while (at < bytes.size() &&
           (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r' || bytes[at] == '\n' || bytes[at] == '#')) {
      if (bytes[at] == '#')
        while (at < bytes.size() && bytes[at] != '\n') ++at;
      else
        ++at;
    }
    int value = 0, digits = 0;
    for (; at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9'; ++at, ++digits) {
      if (digits == 8) throw FormatError("a number of more than 8 digits");
      value = value * 10 + (bytes[at] - '0');
    }
    if (digits == 0) throw FormatError("a number is missing, the picture is cut short or damaged");
    return value;
  };
  Picture picture;
  picture.width = number();
  picture.height = number();
  const int most = number();
  if (picture.width < 1 || picture.height < 1)
    throw FormatError("a picture of " + std::to_string(picture.width) + "x" + std::to_string(picture.height) +
                      " pixels");
  check_picture_size({std::uint32_t(picture.width), std::uint32_t(picture.height)});
  if (most != 255) throw FormatError("expected 8-bit values up to 255, got up to " + std::to_string(most));
  const bool plain = kind == '2' || kind == '3';
  picture.channels = kind == '3' || kind == '6' ? 3 : 1;
  const std::size_t values = std::size_t(picture.width) * std::size_t(picture.height) * std::size_t(picture.channels);
  const std::size_t least = plain ? at + values : at + 1 + values;  // a plain value takes one byte or more
  if (bytes.size() < least) throw FormatError("the picture is cut short");
  if (!plain) {
    const std::string_view raw = bytes.substr(at + 1, values);
    picture.pixels.assign(raw.begin(), raw.end());
    return picture;
  }
  picture.pixels.reserve(values);
  for (std::size_t i = 0; i < values; ++i) {
    const int value = number();
    if (value > 255) throw FormatError("a value of " + std::to_string(value) + ", expected 0 to 255");
    picture.pixels.push_back(std::uint8_t(value));
  }
  return picture;
}

}  // namespace ferlab::formats
