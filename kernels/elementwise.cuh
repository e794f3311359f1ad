// SPDX-License-Identifier: MIT
// The loop of every op that treats elements alike.
#pragma once

#include "kernels/device.cuh"

namespace ferlab::kernels {

inline constexpr int elementwise_threads = 256;

/// body.run<N>(i) for pieces of N elements, and body.run<1>(i) for what is left over.
template <int N, class Body>
__global__ void __launch_bounds__(elementwise_threads) elementwise_kernel(std::ptrdiff_t n, Body body) {
  const std::ptrdiff_t step = std::ptrdiff_t(gridDim.x) * elementwise_threads * N;
  for (std::ptrdiff_t i = (std::ptrdiff_t(blockIdx.x) * elementwise_threads + threadIdx.x) * N; i < n; i += step) {
    if (i + N <= n)
      body.template run<N>(i);
    else
      for (std::ptrdiff_t k = i; k < n; ++k) body.template run<1>(k);
  }
}

/// How many blocks for so many threads: enough to fill any device, few enough that each does some work.
inline unsigned blocks_for(std::ptrdiff_t threads, int threads_a_block) {
  constexpr std::ptrdiff_t most = 8192;
  const std::ptrdiff_t blocks = (threads + threads_a_block - 1) / threads_a_block;
  return unsigned(blocks < most ? blocks : most);
}

/// Runs a body over n elements, N at a time; the body's pointers are aligned to N elements.
template <int N, class Body>
void elementwise(cudaStream_t stream, std::ptrdiff_t n, const Body& body) {
  if (n > 0)
    launch(stream, elementwise_kernel<N, Body>, blocks_for((n + N - 1) / N, elementwise_threads), elementwise_threads,
           0, n, body);
}

}  // namespace ferlab::kernels
