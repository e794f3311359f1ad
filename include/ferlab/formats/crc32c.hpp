// SPDX-License-Identifier: MIT
// The checksums of files: CRC-32C (Castagnoli), which event files carry in a masked form, and CRC-32, PNG's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ferlab::formats {

namespace detail {

/// What each value of a byte does to a CRC whose polynomial, lowest bit first, is `polynomial`.
constexpr std::array<std::uint32_t, 256> crc_table(std::uint32_t polynomial) {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? polynomial : 0);
    table[byte] = crc;
  }
  return table;
}

template <std::uint32_t polynomial>
constexpr std::uint32_t crc(std::string_view bytes) {
  constexpr auto table = crc_table(polynomial);
  std::uint32_t crc = ~std::uint32_t(0);
  for (char c : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

}  // namespace detail

/// CRC-32C, as in iSCSI (RFC 3720).
constexpr std::uint32_t crc32c(std::string_view bytes) { return detail::crc<0x82f63b78>(bytes); }

/// CRC-32, as in PNG and zip.
constexpr std::uint32_t crc32(std::string_view bytes) { return detail::crc<0xedb88320>(bytes); }

/// CRC-32C as it stands in event files: rotated and shifted, so that a checksum of data that holds checksums stays a
/// good one. Source: tensorflow/tsl lib/hash/crc32c.h.
constexpr std::uint32_t masked_crc32c(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

}  // namespace ferlab::formats
