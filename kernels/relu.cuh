// SPDX-License-Identifier: MIT
// ReLU. Forward reads x and writes y; backward reads y and dy and writes dx: 2 and 3 elements of memory traffic each,
// one comparison.
#pragma once

#include "kernels/elementwise.cuh"

namespace ferlab::kernels {

template <class S>
struct ReluForward {
  const S* x;
  S* y;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    store(y + i, map([](float value) { return value < 0 ? 0.0f : value; }, load<N>(x + i)));
  }
};

template <class S>
struct ReluBackward {
  const S *y, *dy;
  S* dx;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    store(dx + i, map([](float out, float slope) { return out > 0 ? slope : 0.0f; }, load<N>(y + i), load<N>(dy + i)));
  }
};

/// y = max(x, 0), NaN stays NaN; y may be x.
template <class S>
void relu_forward(cudaStream_t stream, std::ptrdiff_t n, const S* x, S* y) {
  elementwise<width_of<S>>(stream, n, ReluForward<S>{x, y});
}

/// dx = dy where y > 0, else 0; dx may be dy.
template <class S>
void relu_backward(cudaStream_t stream, std::ptrdiff_t n, const S* y, const S* dy, S* dx) {
  elementwise<width_of<S>>(stream, n, ReluBackward<S>{y, dy, dx});
}

}  // namespace ferlab::kernels
