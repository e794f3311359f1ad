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

namespace ferlab::datasets::detail {

/// Text from a file as it may stand in a message: short and printable.
inline std::string quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text.substr(0, 20)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > 20 ? "...'" : "'");
}

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

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

}  // namespace ferlab::datasets::detail
