// SPDX-License-Identifier: MIT
// What ferlab takes from C++20's standard library and libc++ lacks in some versions: emscripten 3.1.6 of Debian 12 has
// version 13. Each is the standard's own where there is one.
#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <type_traits>

namespace ferlab::compat {

#ifdef __cpp_lib_bit_cast
using std::bit_cast;
#else
template <class To, class From>
requires(sizeof(To) == sizeof(From) && std::is_trivially_copyable_v<To> && std::is_trivially_copyable_v<From>)
constexpr To bit_cast(const From& from) noexcept {
  return __builtin_bit_cast(To, from);
}
#endif

/// Floating-point numbers as text by C's functions: for the C locale, which is the only one in a browser.
namespace by_c {

/// As std::from_chars, which takes no white space, plus sign or hexadecimal digits; but what is too small becomes 0.
template <class Number>
std::from_chars_result from_chars(const char* first, const char* last, Number& value) {
  std::string text(first, last);
  text.resize(std::min(text.size(), text.find_first_of("xX")));
  if (text.empty() || text[0] == '+' || std::strchr(" \t\n\v\f\r", text[0])) return {first, std::errc::invalid_argument};
  char* end = nullptr;
  const Number read = [&] {
    if constexpr (std::is_same_v<Number, float>)
      return std::strtof(text.c_str(), &end);
    else
      return std::strtod(text.c_str(), &end);
  }();
  const std::ptrdiff_t length = end - text.c_str();
  if (length == 0) return {first, std::errc::invalid_argument};
  const bool is_number = text.find_first_of("0123456789") < std::size_t(length);  // "inf" has no digits
  if (std::isinf(read) && is_number) return {first + length, std::errc::result_out_of_range};
  value = read;
  return {first + length, std::errc{}};
}

/// As std::to_chars: the fewest digits that read back as the same bits.
template <class Number>
std::to_chars_result to_chars(char* first, char* last, Number value) {
  char text[32];
  int length = 0;
  for (int digits = 1; digits <= 17; ++digits) {
    length = std::snprintf(text, sizeof text, "%.*g", digits, double(value));
    Number again = 0;
    from_chars(text, text + length, again);
    if (again == value) break;
  }
  if (last - first < length) return {last, std::errc::value_too_large};
  return {std::copy(text, text + length, first), std::errc{}};
}

}  // namespace by_c

template <class Number>
std::from_chars_result from_chars(const char* first, const char* last, Number& value) {
  if constexpr (requires { std::from_chars(first, last, value); })
    return std::from_chars(first, last, value);
  else
    return by_c::from_chars(first, last, value);
}

template <class Number>
std::to_chars_result to_chars(char* first, char* last, Number value) {
  if constexpr (requires { std::to_chars(first, last, value); })
    return std::to_chars(first, last, value);
  else
    return by_c::to_chars(first, last, value);
}

}  // namespace ferlab::compat
