// SPDX-License-Identifier: MIT
// What every kernel here stands on: launching, shared memory by one name, and access to memory in 16-byte pieces. The
// kernels are compiled by nvcc (with --expt-relaxed-constexpr), and by the tests' emulator with any C++ compiler.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ferlab/core/error.hpp"
#include "kernels/bfloat16.hpp"

#if defined(__CUDACC__)

#include <cuda_runtime.h>

#include <string>
#include <utility>

/// Before a loop whose turns must be known apart, so that arrays which it walks stay in registers.
#define FERLAB_DEVICE_UNROLL _Pragma("unroll")
/// T name[count] in memory that the threads of a block share.
#define FERLAB_SHARED(T, name, count) __shared__ T name[count]
/// T* name: the shared memory that the launch asked for, 16-byte aligned.
#define FERLAB_DYNAMIC_SHARED(T, name)                                   \
  extern __shared__ __align__(16) unsigned char ferlab_dynamic_shared[]; \
  T* const name = reinterpret_cast<T*>(ferlab_dynamic_shared)

namespace ferlab::kernels {

/// Starts kernel(arguments...) on the stream. Throws BackendError where the device refuses.
template <class... Parameters, class... Arguments>
void launch(cudaStream_t stream, void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes,
            Arguments&&... arguments) {
  constexpr std::size_t unasked = 48 * 1024;  // more must be asked for
  cudaError_t error = cudaSuccess;
  if (shared_bytes > unasked)
    error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(shared_bytes));
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  if (error == cudaSuccess)
    error = cudaLaunchKernelEx(&config, kernel, Parameters(std::forward<Arguments>(arguments))...);
  if (error != cudaSuccess)
    throw BackendError(std::string("a CUDA kernel could not be started: ") + cudaGetErrorString(error));
}

}  // namespace ferlab::kernels

#else
#define FERLAB_DEVICE_UNROLL
#include "support/cuda_emulator.hpp"
#endif

namespace ferlab::kernels {

/// Elements of S in the 16 bytes that one thread moves at once.
template <class S>
inline constexpr int width_of = 16 / int(sizeof(S));

/// N floats in registers: what arithmetic is done on, however they are stored.
template <int N>
struct Floats {
  float v[N];
};

template <class S, int N>
struct alignas(sizeof(S) * N < 16 ? sizeof(S) * N : 16) Piece {
  S v[N];
};

/// N elements of S from memory that is aligned to all of them, or to 16 bytes.
template <int N, class S>
__device__ inline Floats<N> load(const S* from) {
  const Piece<S, N> piece = *reinterpret_cast<const Piece<S, N>*>(from);
  Floats<N> values;
  for (int i = 0; i < N; ++i) values.v[i] = float(piece.v[i]);
  return values;
}

template <int N, class S>
__device__ inline void store(S* to, const Floats<N>& values) {
  Piece<S, N> piece;
  for (int i = 0; i < N; ++i) piece.v[i] = S(values.v[i]);
  *reinterpret_cast<Piece<S, N>*>(to) = piece;
}

/// f(value of a, value of b, ...) of each of the N.
template <int N, class F, class... Others>
__device__ inline Floats<N> map(const F& f, const Floats<N>& first, const Others&... others) {
  Floats<N> result;
  for (int i = 0; i < N; ++i) result.v[i] = f(first.v[i], others.v[i]...);
  return result;
}

}  // namespace ferlab::kernels
