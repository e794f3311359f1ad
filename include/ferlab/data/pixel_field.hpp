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

namespace ferlab::data::detail {

/// Text from a file as it may stand in a message: short and printable.
inline std::string quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text.substr(0, 20)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > 20 ? "...'" : "'");
}

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Value of the `length` (1..3) ASCII digits in the low bytes of `digits`, each less '0'. Sets `bad` for others and >
/// 255.
inline std::uint8_t three_digits(std::uint64_t digits, unsigned length, bool& bad) {
  const std::uint32_t d =
      std::uint32_t(digits << ((32 - 8 * length) & 63));  // 0, hundreds, tens, ones from the low byte
  const std::uint32_t big_endian = (d >> 24) | ((d >> 8) & 0xff00) | ((d << 8) & 0xff0000);
  bad |= length - 1 > 2 || big_endian > 0x020505;  // digits compare like their number
  return std::uint8_t((d * 0x640A01u) >> 24);      // 100 * hundreds + 10 * tens + ones
}

/// Numbers 0..255 separated by single blanks and nothing else, an even number of them. `field` is part of a longer text
/// that may be read up to `readable_end`. Two numbers a step: eight bytes hold both with their separators, whose places
/// come from one word, so a step waits once and guesses no branch. True when all is well; else out[] means nothing.
inline bool parse_pixels_fast(std::string_view field, const char* readable_end, std::size_t count, std::uint8_t* out) {
  if (std::endian::native != std::endian::little || count % 2 != 0) return false;
  const char* p = field.data();
  const char* const end = p + field.size();
  for (std::size_t i = 0; i < count; i += 2) {
    if (readable_end - p < 8) return false;
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    const std::uint64_t digits = word ^ 0x3030303030303030u;
    // High bit of each byte that is no digit. A carry can only spoil bytes above one that is neither digit nor blank.
    const std::uint64_t stops = ((digits + 0x7676767676767676u) | digits) & 0x8080808080808080u;
    const std::uint64_t later = stops & (stops - 1);
    if (later == 0) return false;
    const unsigned first = unsigned(std::countr_zero(stops)) / 8, second = unsigned(std::countr_zero(later)) / 8;
    bool bad = ((word >> (8 * first)) & 0xff) != ' ';
    out[i] = three_digits(digits, first, bad);
    out[i + 1] = three_digits(digits >> (8 * first + 8), second - first - 1, bad);
    p += second;
    if (bad || (i + 2 < count && *p != ' ')) return false;
    ++p;
  }
  return p - 1 == end;
}

/// The same with any number of blanks, anywhere. Returns what is wrong, or nothing.
inline std::string parse_pixels_patiently(std::string_view field, std::size_t count, std::uint8_t* out) {
  std::size_t found = 0;
  for (const char *p = field.data(), *const end = p + field.size(); p != end;) {
    if (is_blank(*p)) {
      ++p;
      continue;
    }
    const char* const start = p;
    unsigned value = 0;
    bool good = true;
    for (; p != end && !is_blank(*p); ++p) {
      value = value * 10 + unsigned(*p - '0');
      good = good && is_digit(*p) && value <= 255;
    }
    if (!good)
      return "pixel " + std::to_string(found + 1) + " is " + quoted({start, std::size_t(p - start)}) +
             ", expected 0 to 255";
    if (found < count) out[found] = std::uint8_t(value);
    ++found;
  }
  if (found == count) return {};
  return std::to_string(found) + " pixels, expected " + std::to_string(count);
}

}  // namespace ferlab::data::detail
