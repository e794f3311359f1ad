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

/// gradients += 2 * l2 * weights: the derivative of l2 * sum of squared weights.
template <class T>
void add_penalty_gradient(const Cpu& cpu, std::ptrdiff_t n, const T* weights, T l2, T* gradients) {
  elementwise<T>(cpu, n, [=]<class P>(std::ptrdiff_t i) {
    simd::store(gradients + i, P(simd::load<P>(gradients + i) + 2 * l2 * simd::load<P>(weights + i)));
  });
}

}  // namespace ferlab
