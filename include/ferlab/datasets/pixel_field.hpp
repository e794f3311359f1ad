// SPDX-License-Identifier: MIT
// The hot loop of the CSV reader: "70 80 82 ..." to bytes. A fast parser takes what is written the usual way; whatever
// it refuses goes to a patient one, which takes any blanks and can say what is wrong.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "ferlab/datasets/csv_text.hpp"

namespace ferlab::datasets::detail {

/// Compilers make one instruction of it (std::byteswap is C++23).
inline std::uint64_t byte_swap(std::uint64_t x) {
  x = ((x & 0x00ff00ff00ff00ffu) << 8) | ((x >> 8) & 0x00ff00ff00ff00ffu);
  x = ((x & 0x0000ffff0000ffffu) << 16) | ((x >> 16) & 0x0000ffff0000ffffu);
  return (x << 32) | (x >> 32);
}

/// Numbers 0..255 separated by single blanks and nothing else, an even number of them. `field` is part of a longer text
/// that may be read up to `readable_end`. Two numbers a step, in the two halves of one word and with no branch that the
/// data decides: eight bytes always hold two numbers and the separators that end them.
/// True when all is well; otherwise out[] means nothing. Out of line, so that its constants stay in registers.
[[gnu::noinline]] inline bool parse_pixels_fast(std::string_view field, const char* readable_end, std::size_t count,
                                                std::uint8_t* out) {
  if (std::endian::native != std::endian::little || count % 2 != 0) return false;
  const char* p = field.data();
  for (std::size_t i = 0; i < count; i += 2) {
    if (readable_end - p < 8) return false;
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    const std::uint64_t digits = word ^ 0x3030303030303030u;
    // The high bit of every byte that is no digit; a carry can only spoil bytes above one that is no digit and no
    // blank.
    const std::uint64_t stops = ((digits + 0x7676767676767676u) | digits) & 0x8080808080808080u;
    const std::uint64_t later = stops & (stops - 1);
    if (later == 0) return false;
    const unsigned first = unsigned(std::countr_zero(stops)) & ~7u;   // bits before the first separator
    const unsigned second = unsigned(std::countr_zero(later)) & ~7u;  // and before the second
    const unsigned length_a = first, length_b = second - first - 8;   // 8, 16 or 24 bits of digits
    bool bad = (length_a - 8 > 16) | (length_b - 8 > 16) | (((word >> first) & 0xff) != ' ');

    // Each half, from its low byte: 0, hundreds, tens, ones.
    const std::uint64_t pair =
        ((digits << ((32 - length_a) & 63)) & 0xffffffffu) | ((digits >> (first + 8)) << ((64 - length_b) & 63));
    // The high byte of each half becomes 100 * hundreds + 10 * tens + ones (what the low half sends up ends below it).
    const std::uint64_t values = pair * 0x640A01u;
    out[i] = std::uint8_t(values >> 24);
    out[i + 1] = std::uint8_t(values >> 56);
    // Digits from hundreds to ones compare like their number: adding 0x7FFFFFFF - 0x020505 shows more than 255.
    bad |= ((byte_swap(pair) + 0x7FFDFAFA7FFDFAFAu) & 0x8000000080000000u) != 0;

    p += second / 8;
    if (bad || (i + 2 < count && *p != ' ')) return false;
    ++p;
  }
  return p - 1 == field.data() + field.size();
}

/// "96x96" behind the number where it is that of a square picture.
inline std::string pixel_count_text(std::size_t count) {
  std::size_t side = 16;
  while (side * side < count) ++side;
  const std::string square = side * side == count ? " (" + std::to_string(side) + "x" + std::to_string(side) + ")" : "";
  return std::to_string(count) + " pixels" + square;
}

/// The same with any number of blanks or commas between them, in brackets or not: "[70, 80.0, 82]". Returns what is
/// wrong, or nothing.
inline std::string parse_pixels_patiently(std::string_view field, std::size_t count, std::uint8_t* out) {
  if (field.size() > 1 && field.front() == '[' && field.back() == ']') field = field.substr(1, field.size() - 2);
  const auto separates = [](char c) { return is_blank(c) || c == ','; };
  std::size_t found = 0;
  for (const char *p = field.data(), *const end = p + field.size(); p != end;) {
    if (separates(*p)) {
      ++p;
      continue;
    }
    const char* const start = p;
    while (p != end && !separates(*p)) ++p;
    const std::string_view token(start, std::size_t(p - start));
    unsigned value = 0;
    if (!whole_number(token, 255, value))
      return "pixel " + std::to_string(found + 1) + " is " + quoted(token) + ", expected 0 to 255";
    if (found < count) out[found] = std::uint8_t(value);
    ++found;
  }
  if (found == count) return {};
  return pixel_count_text(found) + ", expected " + std::to_string(count);
}

}  // namespace ferlab::datasets::detail
