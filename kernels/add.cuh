// SPDX-License-Identifier: MIT
// Sums of two tensors, as a residual block needs, and copies into another type: 3 and 2 tensors of traffic.
#pragma once

#include "kernels/elementwise.cuh"

namespace ferlab::kernels {

template <class S>
struct AddElements {
  const S *a, *b;
  S* y;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    store(y + i, map([](float left, float right) { return left + right; }, load<N>(a + i), load<N>(b + i)));
  }
};

/// y = a + b; y may be a or b.
template <class S>
void add(cudaStream_t stream, std::ptrdiff_t n, const S* a, const S* b, S* y) {
  elementwise<width_of<S>>(stream, n, AddElements<S>{a, b, y});
}

template <class From, class To>
struct ConvertElements {
  const From* x;
  To* y;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    store(y + i, load<N>(x + i));
  }
};

/// y = x in another type.
template <class From, class To>
void convert(cudaStream_t stream, std::ptrdiff_t n, const From* x, To* y) {
  elementwise<4>(stream, n, ConvertElements<From, To>{x, y});
}

}  // namespace ferlab::kernels
