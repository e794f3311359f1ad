// SPDX-License-Identifier: MIT
// Timing kernels: by CUDA events, each turn with a cold L2 cache, beside what the device can do at most.
#pragma once

#include <benchmark/benchmark.h>

#include "kernels/device.cuh"
#include "support/device_limits.hpp"

namespace bench {

template <class S>
__global__ void fill_kernel(std::size_t n, S* to) {
  for (std::size_t i = blockIdx.x * std::size_t(blockDim.x) + threadIdx.x; i < n;
       i += std::size_t(gridDim.x) * blockDim.x)
    to[i] = S(noise_at(i));
}
/// Noise on the device.
template <class S>
void fill(std::size_t n, S* to) {
  fill_kernel<<<1024, 256>>>(n, to);
  check(cudaGetLastError(), "filling memory with noise");
}

/// Seconds of op() with a cold cache.
template <class Op>
double cold_seconds_of(const Op& op) {
  check(cudaMemsetAsync(flush_memory(), 0, flush_bytes), "emptying the cache");
  return seconds_of(op);
}

/// Times op() with a cold cache each turn.
template <class Op>
void run(benchmark::State& state, const Op& op) {
  op();
  check(cudaDeviceSynchronize(), "waiting for the device");
  for (auto _ : state) state.SetIterationTime(cold_seconds_of(op));
}

/// `bytes` is what op must move at least: GB/s, and the fraction of copying.
template <class Op>
void run_memory_bound(benchmark::State& state, double bytes, const Op& op) {
  run(state, op);
  state.counters["GB/s"] = benchmark::Counter(bytes * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["of_copy"] = benchmark::Counter(bytes / copy_speed(), benchmark::Counter::kIsIterationInvariantRate);
}

/// `operations` is what op must do: TFLOP/s, and the fraction of cuBLAS's large product.
template <class Op>
void run_compute_bound(benchmark::State& state, double operations, const Op& op) {
  run(state, op);
  state.counters["TFLOP/s"] = benchmark::Counter(operations * 1e-12, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["of_matrix"] =
      benchmark::Counter(operations / matrix_speed(), benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace bench
