// SPDX-License-Identifier: MIT
// Arrays that an ONNX graph computes without its input: weights that are handed on, and the arithmetic of shapes that
// exporters write before a Reshape or a Pad.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ferlab/core/error.hpp"

namespace ferlab::exchange::detail {

/// Integers, too, are held as doubles: shapes are small, and weights are floats.
struct Constant {
  std::vector<std::size_t> dims;
  std::vector<double> values;  ///< row-major
  bool integers = false;       ///< a division then forgets the remainder
};

/// Elements of an array of these dims; SIZE_MAX if they, or any of the strides, overflow.
inline std::size_t product(std::span<const std::size_t> dims) {
  std::size_t n = 1;
  bool none = false;
  for (const std::size_t d : dims) {
    none |= d == 0;
    if (d != 0 && __builtin_mul_overflow(n, d, &n)) return SIZE_MAX;
  }
  return n > SIZE_MAX / 16 ? SIZE_MAX : none ? 0 : n;
}

/// The whole number, held to what an int64 can take: the ends of a Slice are often the greatest there are.
inline std::int64_t whole(double value) {
  constexpr double most = 0x1p62;
  return std::int64_t(std::isnan(value) ? 0 : std::clamp(value, -most, most));
}

inline std::vector<std::int64_t> whole(const Constant& c) {
  std::vector<std::int64_t> out;
  for (const double value : c.values) out.push_back(whole(value));
  return out;
}

/// An axis counted from the front; -1 is the last of `rank`. Nothing if there is no such axis.
inline std::optional<std::size_t> axis_of(std::int64_t axis, std::size_t rank) {
  if (axis < 0) axis += std::int64_t(rank);
  if (axis < 0 || axis >= std::int64_t(rank)) return {};
  return std::size_t(axis);
}

inline std::vector<std::int64_t> row_major_strides(std::span<const std::size_t> dims) {
  std::vector<std::int64_t> strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * std::int64_t(dims[i]);
  return strides;
}

/// The array of these dims whose element (i, j, ...) is values[first + i * strides[0] + j * strides[1] + ...].
inline Constant strided(const Constant& in, std::vector<std::size_t> dims, std::int64_t first,
                        std::span<const std::int64_t> strides) {
  Constant out{std::move(dims), {}, in.integers};
  const std::size_t n = product(out.dims);
  out.values.reserve(n);
  std::vector<std::size_t> at(out.dims.size());
  for (std::size_t i = 0; i < n; ++i) {
    std::int64_t place = first;
    for (std::size_t d = 0; d < at.size(); ++d) place += std::int64_t(at[d]) * strides[d];
    out.values.push_back(in.values[std::size_t(place)]);
    for (std::size_t d = at.size(); d-- > 0;) {
      if (++at[d] < out.dims[d]) break;
      at[d] = 0;
    }
  }
  return out;
}

/// The dims that both arrays stretch to; nothing if they do not fit. Source: ONNX, Broadcasting.
inline std::optional<std::vector<std::size_t>> broadcast(std::span<const std::size_t> a,
                                                         std::span<const std::size_t> b) {
  std::vector<std::size_t> out(std::max(a.size(), b.size()), 1);
  for (const auto& dims : {a, b})
    for (std::size_t i = 0; i < dims.size(); ++i) {
      std::size_t& d = out[out.size() - dims.size() + i];
      if (d != 1 && dims[i] != 1 && d != dims[i]) return {};
      if (d == 1) d = dims[i];
    }
  return out;
}

/// The array stretched to these dims, which broadcast() gave.
inline Constant expanded(const Constant& in, const std::vector<std::size_t>& dims) {
  const auto from = row_major_strides(in.dims);
  std::vector<std::int64_t> strides(dims.size(), 0);
  for (std::size_t i = 0; i < in.dims.size(); ++i)
    if (in.dims[i] != 1) strides[dims.size() - in.dims.size() + i] = from[i];
  return strided(in, dims, 0, strides);
}

/// `shape` as a Reshape means it: 0 keeps the dim (unless `zero_is_zero`), -1 is what is left. Nothing if it does not
/// fit `dims`.
inline std::optional<std::vector<std::size_t>> reshaped(std::span<const std::size_t> dims,
                                                        std::span<const std::int64_t> shape, bool zero_is_zero) {
  std::vector<std::size_t> out;
  std::optional<std::size_t> left;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < -1 || (shape[i] == -1 && left) || (shape[i] == 0 && !zero_is_zero && i >= dims.size())) return {};
    if (shape[i] == -1) left = i;
    out.push_back(shape[i] == -1 ? 1 : shape[i] == 0 && !zero_is_zero ? dims[i] : std::size_t(shape[i]));
  }
  const std::size_t have = product(dims), want = product(out);
  if (left && want != 0 && have % want == 0) out[*left] = have / want;
  if (product(out) != have) return {};
  return out;
}

}  // namespace ferlab::exchange::detail
