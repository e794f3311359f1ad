// SPDX-License-Identifier: MIT
// How nvcc launches a kernel and shares memory between the threads of a block; and, in ptx.cuh, instructions.
#pragma once

#include <cuda_runtime.h>

#include <string>
#include <utility>

#include "ferlab/core/error.hpp"
#include "kernels/ptx.cuh"

/// Before a loop whose turns must be known apart, so that arrays which it walks stay in registers.
#define FERLAB_DEVICE_UNROLL _Pragma("unroll")
/// T name[count] in memory that the threads of a block share.
#define FERLAB_SHARED(T, name, count) __shared__ T name[count]
/// T* name: the shared memory that the launch asked for, 16-byte aligned.
#define FERLAB_DYNAMIC_SHARED(T, name)                                   \
  extern __shared__ __align__(16) unsigned char ferlab_dynamic_shared[]; \
  T* const name = reinterpret_cast<T*>(ferlab_dynamic_shared)

namespace ferlab::kernels {

/// One access to memory, of at most 16 bytes.
template <class P>
__device__ inline P load_piece(const P* from) {
  return *from;
}
template <class P>
__device__ inline void store_piece(P* to, const P& piece) {
  *to = piece;
}

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
