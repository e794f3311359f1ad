// SPDX-License-Identifier: MIT
// Sums of arrays, element by element.
#pragma once

#include "ferlab/cpu/elementwise.hpp"

namespace ferlab {

/// y = a + b, n elements. y may be a or b.
template <class T>
void add(const Cpu& cpu, std::ptrdiff_t n, const T* a, const T* b, T* y) {
  elementwise<T>(
      cpu, n, [=]<class P>(std::ptrdiff_t i) { simd::store(y + i, P(simd::load<P>(a + i) + simd::load<P>(b + i))); });
}

/// y += x, n elements.
template <class T>
void accumulate(const Cpu& cpu, std::ptrdiff_t n, const T* x, T* y) {
  add(cpu, n, y, x, y);
}

}  // namespace ferlab
