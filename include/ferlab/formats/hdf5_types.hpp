// SPDX-License-Identifier: MIT
// Types, shapes and strings of an HDF5 file. Source of the bytes: "HDF5 File Format Specification", sections IV.A.2.b
// (dataspace), IV.A.2.d (datatype) and III.E (global heap).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/formats/hdf5_cursor.hpp"
#include "ferlab/formats/tensor_view.hpp"

namespace ferlab::formats::detail {

/// What one element is.
struct Hdf5Type {
  enum class Kind { number, text, variable_text };
  Kind kind = Kind::number;
  DType dtype = DType::F32;  ///< of a number
  std::size_t size = 0;      ///< bytes of an element; of a variable text, of its reference
};

/// How HDF5 describes a floating-point type: where in the word each part lies.
struct Hdf5FloatLayout {
  DType dtype;
  std::uint8_t exponent_at, exponent_bits, fraction_bits;
  std::uint32_t bias;
};
inline constexpr Hdf5FloatLayout hdf5_floats[] = {{DType::F64, 52, 11, 52, 1023},
                                                  {DType::F32, 23, 8, 23, 127},
                                                  {DType::F16, 10, 5, 10, 15},
                                                  {DType::BF16, 7, 8, 7, 127}};

[[gnu::cold]] inline Hdf5Type read_hdf5_float(const Hdf5Place& place, Hdf5Cursor block, std::size_t size,
                                              unsigned flags, unsigned sign_at) {
  const bool leading_one_is_implied = (flags & 0x30) == 0x20;
  const unsigned offset = block.number<std::uint16_t>(), precision = block.number<std::uint16_t>();
  const unsigned exponent_at = block.byte(), exponent_bits = block.byte();
  const unsigned fraction_at = block.byte(), fraction_bits = block.byte();
  const std::uint32_t bias = block.number<std::uint32_t>();
  for (const Hdf5FloatLayout& known : hdf5_floats)
    if (leading_one_is_implied && size == info(known.dtype).size && offset == 0 && precision == 8 * size &&
        sign_at == 8 * size - 1 && exponent_at == known.exponent_at && exponent_bits == known.exponent_bits &&
        fraction_at == 0 && fraction_bits == known.fraction_bits && bias == known.bias)
      return {Hdf5Type::Kind::number, known.dtype, size};
  place.fail("floating-point numbers of an unknown kind, of " + std::to_string(size) + " bytes");
}

[[gnu::cold]] inline Hdf5Type read_hdf5_integer(const Hdf5Place& place, Hdf5Cursor block, std::size_t size,
                                                bool is_signed) {
  const unsigned offset = block.number<std::uint16_t>(), precision = block.number<std::uint16_t>();
  if (offset == 0 && precision == 8 * size)
    for (const DTypeInfo& known : dtypes)
      if (known.size == size && known.name[0] == (is_signed ? 'I' : 'U'))
        return {Hdf5Type::Kind::number, known.type, size};
  place.fail("whole numbers of an unknown kind, of " + std::to_string(size) + " bytes");
}

/// The type that a datatype message describes.
[[gnu::cold]] inline Hdf5Type read_hdf5_type(const Hdf5Place& place, std::string_view message) {
  Hdf5Cursor block(place, message, "datatype");
  const unsigned first = block.byte(), kind = first & 15, version = first >> 4;
  if (version != 1) place.fail("its datatype is of version " + std::to_string(version) + ", expected 1" + hdf5_cure);
  const unsigned flags = block.byte(), more_flags = block.byte();
  block.take(1);
  const std::size_t size = block.number<std::uint32_t>();
  constexpr const char* kinds[] = {"integer",  "float",     "time",        "string",          "bit field", "opaque",
                                   "compound", "reference", "enumeration", "variable-length", "array"};
  constexpr unsigned integer = 0, floating = 1, string = 3, variable_length = 9;
  if (kind == integer || kind == floating) {
    constexpr unsigned big_endian = 1, vax = 64, is_signed = 8;
    if (flags & (kind == integer ? big_endian : big_endian | vax))
      place.fail("its numbers are big-endian, expected little-endian: save it again with Keras");
    return kind == integer ? read_hdf5_integer(place, block, size, flags & is_signed)
                           : read_hdf5_float(place, block, size, flags, more_flags);
  }
  if (kind == string && size > 0) return {Hdf5Type::Kind::text, {}, size};
  if (kind == variable_length && (flags & 15) == 1 && size == 16) return {Hdf5Type::Kind::variable_text, {}, size};
  place.fail("its type is " + (kind < std::size(kinds) ? std::string(kinds[kind]) : std::to_string(kind)) +
             ", expected numbers or strings");
}

/// The shape that a dataspace message describes.
[[gnu::cold]] inline std::vector<std::size_t> read_hdf5_shape(const Hdf5Place& place, std::string_view message) {
  Hdf5Cursor block(place, message, "dataspace");
  block.require_version(1);
  const std::size_t rank = block.byte();
  if (rank > 32) place.fail("its shape has " + std::to_string(rank) + " dimensions, expected at most 32");
  block.take(6);  // whether there are greatest dimensions too, which do not matter here
  std::vector<std::size_t> shape(rank);
  for (std::size_t& dimension : shape) dimension = std::size_t(block.word());
  return shape;
}

/// Texts that lie in global heaps. The heap of each is read once.
class Hdf5Texts {
 public:
  explicit Hdf5Texts(const Hdf5Place& place) : place_(place) {}

  /// The text that 16 bytes refer to: its length, its heap's address, its number there.
  [[gnu::cold]] std::string_view read(std::string_view reference) {
    Hdf5Cursor block(place_, reference, "string");
    const std::size_t length = block.number<std::uint32_t>();
    const std::uint64_t address = block.word();
    const std::uint32_t number = block.number<std::uint32_t>();
    if (length == 0) return {};
    const auto [heap, is_new] = heaps_.try_emplace(address);
    if (is_new) read_heap(address, heap->second);
    const auto text = heap->second.find(number);
    if (text == heap->second.end() || length > text->second.size())
      place_.fail("one of its strings is not in its heap");
    // Texts may share bytes, but then a small file could ask for any amount of memory.
    if ((total_ += length) > place_.bytes.size()) place_.fail("its strings are longer than the file");
    return text->second.substr(0, length);
  }

 private:
  using Heap = std::map<std::uint32_t, std::string_view>;

  [[gnu::cold]] void read_heap(std::uint64_t address, Heap& heap) {
    constexpr const char* what = "global heap";
    Hdf5Cursor head(place_, address, 16, what);
    head.require_signature("GCOL");
    head.require_version(1);
    head.take(3);
    const std::uint64_t size = head.word();
    if ((heap_bytes_ += size) > place_.bytes.size()) place_.fail("its global heaps are larger than the file");
    Hdf5Cursor block(place_, address, size, what);
    block.take(16);
    while (block.rest().size() >= 16) {
      const std::uint32_t number = block.number<std::uint16_t>();
      block.take(6);
      const std::uint64_t length = block.word();
      if (number == 0) return;  // the rest is free
      heap.emplace(number, block.take_padded(length));
    }
  }

  const Hdf5Place& place_;
  std::map<std::uint64_t, Heap> heaps_;
  std::uint64_t total_ = 0, heap_bytes_ = 0;
};

}  // namespace ferlab::formats::detail
