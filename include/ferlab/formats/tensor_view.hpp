// SPDX-License-Identifier: MIT
// Arrays as files hold them: element types, shapes, and their elements as numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/formats/half.hpp"
#include "ferlab/formats/little_endian.hpp"

namespace ferlab::formats {

/// Element types that other programs write; ferlab itself writes F64, F32, F16, I8 and U8.
enum class DType { F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL };

struct DTypeInfo {
  DType type;
  std::string_view name;
  std::size_t size;
};
inline constexpr DTypeInfo dtypes[] = {{DType::F64, "F64", 8},   {DType::F32, "F32", 4}, {DType::F16, "F16", 2},
                                       {DType::BF16, "BF16", 2}, {DType::I64, "I64", 8}, {DType::I32, "I32", 4},
                                       {DType::I16, "I16", 2},   {DType::I8, "I8", 1},   {DType::U64, "U64", 8},
                                       {DType::U32, "U32", 4},   {DType::U16, "U16", 2}, {DType::U8, "U8", 1},
                                       {DType::BOOL, "BOOL", 1}};
constexpr const DTypeInfo& info(DType type) { return dtypes[std::size_t(type)]; }
constexpr bool is_floating(DType type) { return type <= DType::BF16; }

/// The number of elements of an array; 1 for the empty shape, a scalar's.
constexpr std::size_t elements(std::span<const std::size_t> shape) {
  std::size_t n = 1;
  for (std::size_t d : shape) n *= d;
  return n;
}

/// Sets `bytes` to the size of an array whose elements have `element_size` bytes; false if it is beyond a std::size_t,
/// as in files that lie.
inline bool byte_size(std::size_t element_size, std::span<const std::size_t> shape, std::size_t& bytes) {
  bytes = element_size;
  // A dimension of 0 hides none that overflows: other readers multiply in another order.
  bool fits = true, empty = false;
  for (std::size_t d : shape) {
    if (d == 0)
      empty = true;
    else
      fits = fits && !__builtin_mul_overflow(bytes, d, &bytes);
  }
  if (empty) bytes = 0;
  return fits;
}

/// A tensor in somebody's memory: for writing, or inside a file that has been read.
struct TensorView {
  std::string name;
  DType dtype = DType::F32;
  std::vector<std::size_t> shape;
  const void* data = nullptr;

  std::size_t elements() const { return formats::elements(shape); }
  std::size_t bytes() const { return elements() * info(dtype).size; }
};

/// "[3, 3, 1, 64]"
inline std::string to_string(std::span<const std::size_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text += ']';
}

/// One element, which begins at `bytes`, little endian and without alignment. Of integers beyond 2^53 the nearest
/// double.
inline double read_element(DType type, const char* bytes) {
  switch (type) {
    case DType::F64:
      return read_little_endian<double>(bytes);
    case DType::F32:
      return double(read_little_endian<float>(bytes));
    case DType::F16:
      return double(half_to_float(read_little_endian<std::uint16_t>(bytes)));
    case DType::BF16:
      return double(bfloat16_to_float(read_little_endian<std::uint16_t>(bytes)));
    case DType::I64:
      return double(read_little_endian<std::int64_t>(bytes));
    case DType::I32:
      return read_little_endian<std::int32_t>(bytes);
    case DType::I16:
      return read_little_endian<std::int16_t>(bytes);
    case DType::I8:
      return read_little_endian<std::int8_t>(bytes);
    case DType::U64:
      return double(read_little_endian<std::uint64_t>(bytes));
    case DType::U32:
      return read_little_endian<std::uint32_t>(bytes);
    case DType::U16:
      return read_little_endian<std::uint16_t>(bytes);
    case DType::U8:
    case DType::BOOL:
      return read_little_endian<std::uint8_t>(bytes);
  }
  return 0;
}

/// The elements of an array at `data` as float or double; they must be floating-point, and as many as `out` has room
/// for. `what` names the array in what file.fail throws: tensor "a".
template <class T, class File>
void convert_elements(const File& file, const std::string& what, DType type, std::span<const std::size_t> shape,
                      const void* data, std::span<T> out) {
  if (out.size() != elements(shape))
    file.fail(what + ": expected " + std::to_string(out.size()) + " elements, got " + std::to_string(elements(shape)));
  if (!is_floating(type)) file.fail(what + ": expected floating-point elements, got " + std::string(info(type).name));
  const char* from = static_cast<const char*>(data);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = T(read_element(type, from + i * info(type).size));
}

}  // namespace ferlab::formats
