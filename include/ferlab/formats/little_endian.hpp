// SPDX-License-Identifier: MIT
// Numbers as files hold them, the lowest byte first, on a machine of any byte order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "ferlab/core/compat.hpp"

namespace ferlab::formats {

namespace detail {

template <std::size_t bytes>
using UnsignedOf = std::conditional_t<
    bytes == 8, std::uint64_t,
    std::conditional_t<bytes == 4, std::uint32_t, std::conditional_t<bytes == 2, std::uint16_t, std::uint8_t>>>;

}  // namespace detail

/// Appends the bytes of an integer or floating-point number.
template <class T>
void append_little_endian(std::string& out, T value) {
  const auto bits = compat::bit_cast<detail::UnsignedOf<sizeof(T)>>(value);
  for (std::size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(bits >> (8 * i) & 0xff);
}

/// The number whose sizeof(T) bytes begin at `bytes`, which needs no alignment.
template <class T>
T read_little_endian(const char* bytes) {
  using Bits = detail::UnsignedOf<sizeof(T)>;
  Bits bits = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) bits = Bits(bits | Bits(static_cast<unsigned char>(bytes[i])) << (8 * i));
  return compat::bit_cast<T>(bits);
}

}  // namespace ferlab::formats
