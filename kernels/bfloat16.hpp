// SPDX-License-Identifier: MIT
// bfloat16: the upper half of a float. For storing; arithmetic is done in float.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

namespace ferlab {

/// 8 bits of exponent, 7 of mantissa. From float by rounding to the nearest, ties to even; NaN stays NaN.
struct bfloat16 {
  std::uint16_t bits;

  bfloat16() = default;
  constexpr bfloat16(float value) : bits(rounded(value)) {}
  constexpr operator float() const { return std::bit_cast<float>(std::uint32_t(bits) << 16); }

 private:
  static constexpr std::uint16_t rounded(float value) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    if (!std::is_constant_evaluated()) {
      std::uint16_t found;
      asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(found) : "f"(value));
      return found;
    }
#endif
    const auto word = std::bit_cast<std::uint32_t>(value);
    if ((word & 0x7fffffffu) > 0x7f800000u) return std::uint16_t(word >> 16 | 0x40u);
    return std::uint16_t((word + 0x7fffu + (word >> 16 & 1u)) >> 16);
  }
};

}  // namespace ferlab
