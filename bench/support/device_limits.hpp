// SPDX-License-Identifier: MIT
// What a CUDA device can do at most, measured in the same run by CUDA events: bytes a second of copying, and bfloat16
// operations a second of cuBLAS on a large square product. For programs of an ordinary compiler too.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "ferlab/cuda/runtime.hpp"
#include "kernels/bfloat16.hpp"

namespace bench {

using ferlab::cuda::check;
using ferlab::cuda::DeviceBuffer;

/// Seconds of op() on the null stream.
template <class Op>
double seconds_of(const Op& op) {
  const ferlab::cuda::TimedEvent begin, end;
  begin.record(nullptr);
  op();
  end.record(nullptr);
  return double(end.since(begin)) * 1e-3;
}

/// A number between -1 and 1 for each i, which looks like data: zeros would draw less power and run faster.
constexpr float noise_at(std::size_t i) {
  std::uint32_t h = std::uint32_t(i) * 2654435761u;
  h ^= h >> 15, h *= 2246822519u, h ^= h >> 13;
  return float(h) * 0x1p-31f - 1;
}

inline constexpr std::size_t flush_bytes = 256u << 20;  // several times the largest L2

inline unsigned char* flush_memory() {
  static DeviceBuffer<unsigned char> memory(2 * flush_bytes);
  return memory.data();
}

/// Bytes a second, read and written, of copying a large buffer; the best of ten.
inline double copy_speed() {
  static const double speed = [] {
    double best = 0;
    for (int i = 0; i < 10; ++i) {
      const double seconds = seconds_of([] {
        check(cudaMemcpyAsync(flush_memory(), flush_memory() + flush_bytes, flush_bytes, cudaMemcpyDeviceToDevice),
              "copying");
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
    using ferlab::bfloat16;
    constexpr int n = 8192;
    constexpr std::size_t size = std::size_t(n) * n;
    DeviceBuffer<bfloat16> a(size), b(size), c(size);
    std::vector<bfloat16> noise(size);
    for (std::size_t i = 0; i < size; ++i) noise[i] = bfloat16(noise_at(i));
    for (DeviceBuffer<bfloat16>* to : {&a, &b})
      check(cudaMemcpy(to->data(), noise.data(), size * sizeof(bfloat16), cudaMemcpyHostToDevice), "copying a matrix");
    cublasHandle_t handle = nullptr;
    if (cublasCreate(&handle) != CUBLAS_STATUS_SUCCESS) throw std::runtime_error("cuBLAS does not start");
    double best = 0;
    for (int i = 0; i < 10; ++i) {
      const double seconds = seconds_of([&] {
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

}  // namespace bench
