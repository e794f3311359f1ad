// SPDX-License-Identifier: MIT
// Timing kernels: by CUDA events, each turn with a cold L2 cache, beside what the device can do at most as measured in
// the same run: bytes a second of copying, and bfloat16 operations a second of cuBLAS on a large square product.
#pragma once

#include <benchmark/benchmark.h>
#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "kernels/device.cuh"

namespace bench {

inline void check(cudaError_t error) {
  if (error != cudaSuccess) throw std::runtime_error(std::string("CUDA: ") + cudaGetErrorString(error));
}

/// n elements on the device, zeros.
template <class T>
class DeviceMemory {
 public:
  explicit DeviceMemory(std::size_t n) {
    check(cudaMalloc(&data_, n * sizeof(T)));
    check(cudaMemset(data_, 0, n * sizeof(T)));
  }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  ~DeviceMemory() { cudaFree(data_); }
  T* data() { return data_; }

 private:
  T* data_ = nullptr;
};

/// Numbers between -1 and 1 that look like data: zeros would draw less power and run faster.
template <class S>
__global__ void fill_kernel(std::size_t n, S* to) {
  for (std::size_t i = blockIdx.x * std::size_t(blockDim.x) + threadIdx.x; i < n;
       i += std::size_t(gridDim.x) * blockDim.x) {
    std::uint32_t h = std::uint32_t(i) * 2654435761u;
    h ^= h >> 15, h *= 2246822519u, h ^= h >> 13;
    to[i] = S(float(h) * 0x1p-31f - 1);
  }
}
template <class S>
void fill(std::size_t n, S* to) {
  fill_kernel<<<1024, 256>>>(n, to);
  check(cudaGetLastError());
}

/// Seconds of op() on the null stream between two events.
class Stopwatch {
 public:
  Stopwatch() {
    check(cudaEventCreate(&begin_));
    check(cudaEventCreate(&end_));
  }
  ~Stopwatch() {
    cudaEventDestroy(begin_);
    cudaEventDestroy(end_);
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  template <class Op>
  double seconds(const Op& op) {
    check(cudaEventRecord(begin_));
    op();
    check(cudaEventRecord(end_));
    check(cudaEventSynchronize(end_));
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin_, end_));
    return double(milliseconds) * 1e-3;
  }

 private:
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

inline constexpr std::size_t flush_bytes = 256u << 20;  // several times the largest L2

inline unsigned char* flush_memory() {
  static DeviceMemory<unsigned char> memory(2 * flush_bytes);
  return memory.data();
}

/// Bytes a second, read and written, of copying a large buffer; the best of ten.
inline double copy_speed() {
  static const double speed = [] {
    Stopwatch watch;
    double best = 0;
    for (int i = 0; i < 10; ++i) {
      const double seconds = watch.seconds([] {
        check(cudaMemcpyAsync(flush_memory(), flush_memory() + flush_bytes, flush_bytes, cudaMemcpyDeviceToDevice));
      });
      best = std::max(best, 2.0 * flush_bytes / seconds);
    }
    return best;
  }();
  return speed;
}

/// bfloat16 operations a second of a product of two 8192 x 8192 matrices; the best of ten.
inline double matrix_speed() {
  static const double speed = [] {
    constexpr int n = 8192;
    using ferlab::bfloat16;
    DeviceMemory<bfloat16> a(std::size_t(n) * n), b(std::size_t(n) * n), c(std::size_t(n) * n);
    fill(std::size_t(n) * n, a.data());
    fill(std::size_t(n) * n, b.data());
    cublasHandle_t handle = nullptr;
    if (cublasCreate(&handle) != CUBLAS_STATUS_SUCCESS) throw std::runtime_error("cuBLAS does not start");
    Stopwatch watch;
    double best = 0;
    for (int i = 0; i < 10; ++i) {
      const double seconds = watch.seconds([&] {
        const float one = 1, zero = 0;
        if (cublasGemmEx(handle, CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one, a.data(), CUDA_R_16BF, n, b.data(),
                         CUDA_R_16BF, n, &zero, c.data(), CUDA_R_16BF, n, CUBLAS_COMPUTE_32F,
                         CUBLAS_GEMM_DEFAULT) != CUBLAS_STATUS_SUCCESS)
          throw std::runtime_error("cuBLAS refuses the product");
      });
      best = std::max(best, 2.0 * n * n * double(n) / seconds);
    }
    cublasDestroy(handle);
    return best;
  }();
  return speed;
}

/// Times op() with a cold cache each turn.
template <class Op>
void run(benchmark::State& state, const Op& op) {
  Stopwatch watch;
  op();
  check(cudaDeviceSynchronize());
  for (auto _ : state) {
    check(cudaMemsetAsync(flush_memory(), 0, flush_bytes));
    state.SetIterationTime(watch.seconds(op));
  }
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
