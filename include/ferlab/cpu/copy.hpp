// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/cpu/context.hpp"

namespace ferlab {

/// y = x, n elements; nothing to do where they are the same memory.
template <class T>
void copy(const Cpu& cpu, std::ptrdiff_t n, const T* x, T* y) {
  if (x == y) return;
  cpu.parallel_for(n, 1 << 16,
                   [=](std::ptrdiff_t begin, std::ptrdiff_t end) { std::copy(x + begin, x + end, y + begin); });
}

}  // namespace ferlab
