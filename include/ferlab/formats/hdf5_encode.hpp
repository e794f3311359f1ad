// SPDX-License-Identifier: MIT
// The parts of an HDF5 file's object headers, as bytes. Source: "HDF5 File Format Specification", section IV.A.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ferlab/formats/hdf5_tree.hpp"
#include "ferlab/formats/little_endian.hpp"

namespace ferlab::formats::detail {

/// Bytes that are being written.
class Hdf5Bytes {
 public:
  std::string bytes;

  template <class T>
  Hdf5Bytes& number(T value) {
    append_little_endian(bytes, value);
    return *this;
  }
  Hdf5Bytes& u8(std::size_t value) { return number(static_cast<std::uint8_t>(value)); }
  Hdf5Bytes& u16(std::size_t value) { return number(static_cast<std::uint16_t>(value)); }
  Hdf5Bytes& u32(std::size_t value) { return number(static_cast<std::uint32_t>(value)); }
  Hdf5Bytes& u64(std::uint64_t value) { return number(value); }
  Hdf5Bytes& text(std::string_view value) {
    bytes += value;
    return *this;
  }
  Hdf5Bytes& zeros(std::size_t count) {
    bytes.append(count, '\0');
    return *this;
  }
  /// Zeros up to a multiple of 8.
  Hdf5Bytes& padded() { return zeros((8 - bytes.size() % 8) % 8); }
};

inline std::string hdf5_dataspace(std::span<const std::size_t> shape) {
  Hdf5Bytes out;
  out.u8(1).u8(shape.size()).zeros(6);
  for (std::size_t dimension : shape) out.u64(dimension);
  return out.bytes;
}

/// `kind` is the class, `flags` are what it says of byte order, padding and character set.
inline Hdf5Bytes hdf5_datatype(unsigned kind, unsigned flags, std::size_t size) {
  Hdf5Bytes out;
  out.u8(0x10 | kind).u16(flags).u8(0).u32(size);
  return out;
}
inline std::string hdf5_float_type() {
  return hdf5_datatype(1, 0x1f20, 4).u16(0).u16(32).u8(23).u8(8).u8(0).u8(23).u32(127).bytes;
}
inline std::string hdf5_double_type() {
  return hdf5_datatype(1, 0x3f20, 8).u16(0).u16(64).u8(52).u8(11).u8(0).u8(52).u32(1023).bytes;
}
/// Zeros fill the end. Files say whether texts are ASCII or UTF-8.
inline std::string hdf5_text_type(std::size_t size, bool ascii) {
  return hdf5_datatype(3, ascii ? 0x01 : 0x11, size).bytes;
}
inline std::string hdf5_variable_text_type(bool ascii) {
  return hdf5_datatype(9, ascii ? 0x001 : 0x101, 16).text(hdf5_datatype(3, ascii ? 0x00 : 0x10, 1).bytes).bytes;
}

inline constexpr std::size_t most_hdf5_message_bytes = 65528;  ///< 16 bits, in steps of 8

/// `body` has at most most_hdf5_message_bytes.
inline std::string hdf5_message(Hdf5Message::Kind kind, Hdf5Bytes body) {
  body.padded();
  return Hdf5Bytes().u16(kind).u16(body.bytes.size()).zeros(4).text(body.bytes).bytes;
}

/// The body of an attribute's message.
inline Hdf5Bytes hdf5_attribute(std::string_view name, std::string_view type, std::string_view space,
                                std::string_view data) {
  Hdf5Bytes out;
  out.u8(1).u8(0).u16(name.size() + 1).u16(type.size()).u16(space.size());
  out.text(name).zeros(1).padded().text(type).padded().text(space).padded().text(data);
  return out;
}

/// A heap that holds one text, as number 1. Source: section III.E.
inline std::string hdf5_global_heap(std::string_view text) {
  constexpr std::size_t least = 4096;
  Hdf5Bytes object;
  object.u16(1).u16(0).zeros(4).u64(text.size()).text(text).padded();
  const std::size_t size = std::max(least, 16 + object.bytes.size());
  Hdf5Bytes heap;
  heap.text("GCOL").u8(1).zeros(3).u64(size).text(object.bytes);
  const std::size_t free = size - heap.bytes.size();
  if (free >= 16) heap.zeros(8).u64(free);  // number 0: what is left
  return heap.zeros(size - heap.bytes.size()).bytes;
}

}  // namespace ferlab::formats::detail
