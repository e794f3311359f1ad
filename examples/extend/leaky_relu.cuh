// SPDX-License-Identifier: MIT
// The kernels of LeakyReLU, for float and bfloat16. One .cu file of the program includes this.
#pragma once

#include "kernels/elementwise.cuh"
#include "leaky_relu_kernels.hpp"

namespace mine::kernels {

using namespace ferlab::kernels;

// A thread takes 16 bytes at a time: N elements, and what is left over one by one.

template <class S>
struct LeakyReLUElements {
  LeakyReLU<S> op;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    const auto leak = [slope = op.slope](float x) { return x > 0 ? x : slope * x; };
    store(op.y + i, map(leak, load<N>(op.x + i)));
  }
};

template <class S>
struct LeakyReLUBackwardElements {
  LeakyReLUBackward<S> op;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    const auto leak = [slope = op.slope](float y, float dy) { return y > 0 ? dy : slope * dy; };
    store(op.dx + i, map(leak, load<N>(op.y + i), load<N>(op.dy + i)));
  }
};

template <class S>
void run(cudaStream_t stream, const LeakyReLU<S>& op) {
  elementwise<width_of<S>>(stream, op.count, LeakyReLUElements<S>{op});
}
template <class S>
void run(cudaStream_t stream, const LeakyReLUBackward<S>& op) {
  elementwise<width_of<S>>(stream, op.count, LeakyReLUBackwardElements<S>{op});
}

template void run(cudaStream_t, const LeakyReLU<float>&);
template void run(cudaStream_t, const LeakyReLU<ferlab::bfloat16>&);
template void run(cudaStream_t, const LeakyReLUBackward<float>&);
template void run(cudaStream_t, const LeakyReLUBackward<ferlab::bfloat16>&);

}  // namespace mine::kernels
