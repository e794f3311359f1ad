// SPDX-License-Identifier: MIT
// A pass over arrays, element by element, on all threads.
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"

namespace ferlab::detail {

/// Fewer elements than this are not worth a second thread.
inline constexpr std::ptrdiff_t elementwise_grain = 1 << 14;

/// Calls body.operator()<P>(i) for all of 0..n-1; see simd::for_each_pack. Threads part at whole cache lines, so that
/// which elements come one by one does not depend on their number.
template <class T, class Body>
void elementwise(const Cpu& cpu, std::ptrdiff_t n, const Body& body) {
  constexpr std::ptrdiff_t line = 64 / sizeof(T);
  cpu.parallel_for((n + line - 1) / line, elementwise_grain / line, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    simd::for_each_pack<T>(begin * line, std::min(n, end * line), body);
  });
}

}  // namespace ferlab::detail
