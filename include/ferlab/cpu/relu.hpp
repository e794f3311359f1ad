// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cpu/elementwise.hpp"

namespace ferlab {

/// y = max(x, 0), n elements; NaN stays NaN. y may be x.
template <class T>
void relu_forward(const Cpu& cpu, std::ptrdiff_t n, const T* x, T* y) {
  elementwise<T>(cpu, n, [=]<class P>(std::ptrdiff_t i) {
    const P value = simd::load<P>(x + i);
    simd::store(y + i, value < P{} ? P{} : value);
  });
}

/// dx = dy where y > 0, else 0. dx may be dy.
template <class T>
void relu_backward(const Cpu& cpu, std::ptrdiff_t n, const T* y, const T* dy, T* dx) {
  elementwise<T>(cpu, n, [=]<class P>(std::ptrdiff_t i) {
    simd::store(dx + i, simd::load<P>(y + i) > P{} ? simd::load<P>(dy + i) : P{});
  });
}

}  // namespace ferlab
