// SPDX-License-Identifier: MIT
// Sums of two tensors, as a residual block needs, and copies into another type: 3 and 2 tensors of traffic.
#pragma once

#include "kernels/add.hpp"
#include "kernels/elementwise.cuh"

namespace ferlab::kernels {

template <class S>
struct AddElements {
  Add<S> op;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    store(op.y + i, map([](float left, float right) { return left + right; }, load<N>(op.a + i), load<N>(op.b + i)));
  }
};

template <class S>
void run(cudaStream_t stream, const Add<S>& op) {
  elementwise<width_of<S>>(stream, op.count, AddElements<S>{op});
}

template <class From, class To>
struct ConvertElements {
  Convert<From, To> op;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    store(op.y + i, load<N>(op.x + i));
  }
};

template <class From, class To>
void run(cudaStream_t stream, const Convert<From, To>& op) {
  elementwise<4>(stream, op.count, ConvertElements<From, To>{op});
}

}  // namespace ferlab::kernels
