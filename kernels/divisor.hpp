// SPDX-License-Identifier: MIT
// Division by a number that is known before a kernel starts, as a multiplication: a fifth of the instructions.
#pragma once

#include <cstdint>

namespace ferlab::kernels {

/// Granlund and Montgomery, "Division by invariant integers using multiplication", 1994. For 0 <= n < 2^31 and d > 0:
/// with 2^s >= d and m = 2^(31 + s) / d rounded up, n / d is n * m / 2^(31 + s), both rounded down.
struct Divisor {
  std::uint32_t multiplier;
  int shift;

  constexpr explicit Divisor(int d) : multiplier(0), shift(31) {
    while (std::int64_t(1) << (shift - 31) < d) ++shift;
    multiplier = std::uint32_t(((std::uint64_t(1) << shift) + std::uint64_t(d) - 1) / std::uint64_t(d));
  }
  constexpr int quotient(int n) const { return int(std::uint64_t(n) * multiplier >> shift); }
};

}  // namespace ferlab::kernels
