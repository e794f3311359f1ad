// SPDX-License-Identifier: MIT
// 16-bit floats as they stand in files. IEEE 754 binary16, and bfloat16, which is the upper half of a float.
#pragma once

#include <cstdint>

#include "ferlab/core/compat.hpp"

namespace ferlab::formats {

/// Exact: every half is a float.
constexpr float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 31u, fraction = half & 0x3ffu;
  if (exponent == 31) return compat::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent == 0) {
    const float magnitude = float(fraction) * 0x1p-24f;
    return compat::bit_cast<float>(sign | compat::bit_cast<std::uint32_t>(magnitude));
  }
  return compat::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

/// To the nearest half, ties to even; beyond the range to infinity.
constexpr std::uint16_t float_to_half(float value) {
  const std::uint32_t bits = compat::bit_cast<std::uint32_t>(value);
  const std::uint16_t sign = std::uint16_t((bits >> 16) & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return std::uint16_t(sign | 0x7e00u | ((magnitude >> 13) & 0x3ffu));  // NaN stays NaN
  if (magnitude >= 0x477ff000u) return std::uint16_t(sign | 0x7c00u);
  if (magnitude < 0x38800000u) {  // subnormal: units of 2^-24, rounded by adding a number whose last place is one unit
    const float shifted = compat::bit_cast<float>(magnitude) + 0.5f;
    return std::uint16_t(sign | (compat::bit_cast<std::uint32_t>(shifted) - compat::bit_cast<std::uint32_t>(0.5f)));
  }
  const std::uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return std::uint16_t(sign | ((rounded - 0x38000000u) >> 13));
}

constexpr float bfloat16_to_float(std::uint16_t value) { return compat::bit_cast<float>(std::uint32_t(value) << 16); }

}  // namespace ferlab::formats
