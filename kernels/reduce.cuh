// SPDX-License-Identifier: MIT
// One number from many, in double and in an order that depends on their count alone.
#pragma once

#include "kernels/elementwise.cuh"
#include "kernels/reduce.hpp"

namespace ferlab::kernels {

/// The sum over the threads of a block of so many, in thread 0.
template <int Threads>
__device__ inline double block_sum(double value) {
  FERLAB_SHARED(double, shared, Threads / 32);
  const int lane = int(threadIdx.x) % 32, warp = int(threadIdx.x) / 32;
  for (int by = 16; by > 0; by /= 2) value += __shfl_down_sync(0xffffffffu, value, unsigned(by));
  if (lane == 0) shared[warp] = value;
  __syncthreads();
  if (threadIdx.x == 0)
    for (int i = 1; i < Threads / 32; ++i) value += shared[i];
  return value;
}

template <class Policy, int N, class Body>
__global__ void __launch_bounds__(Policy::threads) reduce_kernel(std::ptrdiff_t n, Body body, double* partial) {
  double sum = 0;
  const std::ptrdiff_t step = std::ptrdiff_t(gridDim.x) * Policy::threads * N;
  for (std::ptrdiff_t i = (std::ptrdiff_t(blockIdx.x) * Policy::threads + threadIdx.x) * N; i < n; i += step) {
    if (i + N <= n)
      sum += double(body.template term<N>(i));
    else
      for (std::ptrdiff_t k = i; k < n; ++k) sum += double(body.template term<1>(k));
  }
  sum = block_sum<Policy::threads>(sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

template <class Policy, class Finish>
__global__ void __launch_bounds__(Policy::threads)
    finish_reduce_kernel(int count, const double* partial, Finish finish) {
  double sum = 0;
  for (int i = int(threadIdx.x); i < count; i += Policy::threads) sum += partial[i];
  sum = block_sum<Policy::threads>(sum);
  if (threadIdx.x == 0) finish(sum);
}

/// finish(the sum over i = 0, N, 2N ... of body.term<N>(i)), on the device.
template <class Policy, int N, class Body, class Finish>
void reduce(cudaStream_t stream, std::ptrdiff_t n, const Body& body, const Finish& finish, double* scratch) {
  const std::ptrdiff_t wanted = (n + N * Policy::threads - 1) / (N * Policy::threads);
  const int blocks = wanted < 1 ? 1 : wanted < Policy::most_blocks ? int(wanted) : Policy::most_blocks;
  launch(stream, reduce_kernel<Policy, N, Body>, unsigned(blocks), Policy::threads, 0, n, body, scratch);
  launch(stream, finish_reduce_kernel<Policy, Finish>, 1, Policy::threads, 0, blocks, scratch, finish);
}

}  // namespace ferlab::kernels
