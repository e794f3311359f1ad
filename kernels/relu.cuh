// SPDX-License-Identifier: MIT
// ReLU. Forward reads x and writes y; backward reads y and dy and writes dx: 2 and 3 elements of memory traffic each,
// one comparison.
#pragma once

#include "kernels/elementwise.cuh"
#include "kernels/relu.hpp"

namespace ferlab::kernels {

template <class S>
struct ReLUElements {
  ReLU<S> op;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    store(op.y + i, map([](float value) { return value < 0 ? 0.0f : value; }, load<N>(op.x + i)));
  }
};

template <class S>
struct ReLUBackwardElements {
  ReLUBackward<S> op;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    const auto masked = [](float out, float slope) { return out > 0 ? slope : 0.0f; };
    store(op.dx + i, map(masked, load<N>(op.y + i), load<N>(op.dy + i)));
  }
};

template <class S>
void run(cudaStream_t stream, const ReLU<S>& op) {
  elementwise<width_of<S>>(stream, op.count, ReLUElements<S>{op});
}

template <class S>
void run(cudaStream_t stream, const ReLUBackward<S>& op) {
  elementwise<width_of<S>>(stream, op.count, ReLUBackwardElements<S>{op});
}

}  // namespace ferlab::kernels
