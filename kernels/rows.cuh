// SPDX-License-Identifier: MIT
// The loops of ops over [rows][channels] in which channels differ: a thread keeps its channels, so that what belongs to
// them is loaded once, and walks down the rows. One loop that writes, one that sums each channel.
#pragma once

#include <type_traits>

#include "kernels/device.cuh"
#include "kernels/rows.hpp"

namespace ferlab::kernels {

/// f(std::integral_constant<int, N>): N channels per thread, 16 bytes of S, or one where channels are no multiple of
/// that.
template <class S, class F>
void with_width(int channels, const F& f) {
  if (channels % width_of<S> == 0)
    f(std::integral_constant<int, width_of<S>>{});
  else
    f(std::integral_constant<int, 1>{});
}

/// The threads of a block beside each other (over pieces of channels; a power of two, at most a warp) and the blocks
/// beside each other; the rest of a block's threads share the rows.
template <class Policy>
struct Across {
  int lanes = 1, blocks;
  Across(int channels, int width) {
    const int pieces = (channels + width - 1) / width;
    while (lanes < 32 && lanes < pieces) lanes *= 2;
    blocks = (pieces + lanes - 1) / lanes;
  }
  dim3 block() const { return {unsigned(lanes), unsigned(Policy::threads / lanes)}; }
};

template <class Policy, int N, class Body>
__global__ void __launch_bounds__(Policy::threads) rows_kernel(std::ptrdiff_t rows, int channels, Body body) {
  const int c = int(blockIdx.x * blockDim.x + threadIdx.x) * N;
  if (c >= channels) return;
  const auto run = body.template at_channels<N>(c);
  const std::ptrdiff_t step = std::ptrdiff_t(gridDim.y) * blockDim.y;
  for (std::ptrdiff_t row = std::ptrdiff_t(blockIdx.y) * blockDim.y + threadIdx.y; row < rows; row += step) run(row);
}

/// body.at_channels<N>(c) gives what runs for channels c .. c + N - 1 of each row.
template <class Policy, int N, class Body>
void for_each_row(cudaStream_t stream, std::ptrdiff_t rows, int channels, const Body& body) {
  if (rows == 0) return;
  const Across<Policy> across(channels, N);
  const std::ptrdiff_t rows_per_block = Policy::threads / across.lanes * Policy::rows_per_thread;
  std::ptrdiff_t blocks = (rows + rows_per_block - 1) / rows_per_block;
  if (blocks > Policy::most_blocks) blocks = Policy::most_blocks;
  launch(stream, rows_kernel<Policy, N, Body>, dim3(unsigned(across.blocks), unsigned(blocks)), across.block(), 0, rows,
         channels, body);
}

/// partial[chunk][k][channel]
template <class Policy, int N, int K, class Body>
__global__ void __launch_bounds__(Policy::threads)
    partial_sums_kernel(std::ptrdiff_t rows, std::ptrdiff_t rows_per_chunk, int channels, Body body, float* partial) {
  constexpr int threads = Policy::threads, elements = N * threads;
  FERLAB_SHARED(float, shared, elements);
  const int c = int(blockIdx.x * blockDim.x + threadIdx.x) * N, lane = int(threadIdx.y * blockDim.x + threadIdx.x);
  Floats<N> sums[K] = {};
  if (c < channels) {
    const auto add = body.template at_channels<N>(c);
    const std::ptrdiff_t begin = blockIdx.y * rows_per_chunk, after = begin + rows_per_chunk;
    const std::ptrdiff_t end = after < rows ? after : rows;
    for (std::ptrdiff_t row = begin + threadIdx.y; row < end; row += blockDim.y) add(row, sums);
  }
  for (int k = 0; k < K; ++k) {
    for (int i = 0; i < N; ++i) shared[i * threads + lane] = sums[k].v[i];
    for (unsigned half = blockDim.y / 2; half > 0; half /= 2) {
      __syncthreads();
      if (threadIdx.y < half)
        for (int i = 0; i < N; ++i) shared[i * threads + lane] += shared[i * threads + lane + int(half * blockDim.x)];
    }
    if (threadIdx.y == 0 && c < channels)  // what this thread stores it has itself summed last
      for (int i = 0; i < N; ++i)
        partial[(std::ptrdiff_t(blockIdx.y) * K + k) * channels + c + i] = shared[i * threads + lane];
    __syncthreads();
  }
}

template <int K, class Finish>
__global__ void __launch_bounds__(1024)
    finish_sums_kernel(int chunks, int channels, const float* partial, Finish finish) {
  FERLAB_SHARED(double, shared, 1024);
  const int c = int(blockIdx.x * 32 + threadIdx.x), lane = int(threadIdx.y * 32 + threadIdx.x);
  double sums[K] = {};
  if (c < channels)
    for (int chunk = int(threadIdx.y); chunk < chunks; chunk += 32)
      for (int k = 0; k < K; ++k) sums[k] += double(partial[(std::ptrdiff_t(chunk) * K + k) * channels + c]);
  for (int k = 0; k < K; ++k) {
    shared[lane] = sums[k];
    __syncthreads();
    if (threadIdx.y == 0)
      for (int y = 1; y < 32; ++y) sums[k] += shared[y * 32 + lane];
    __syncthreads();
  }
  if (threadIdx.y == 0 && c < channels) finish(c, sums);
}

/// body.at_channels<N>(c) gives add(row, Floats<N> (&sums)[K]); finish(c, const double (&sums)[K]) then gets each
/// channel's. Deterministic: no atomics, and the order of additions depends on the shape alone.
template <class Policy, int N, int K, class Body, class Finish>
void column_sums(cudaStream_t stream, std::ptrdiff_t rows, int channels, const Body& body, const Finish& finish,
                 float* scratch) {
  const Across<Policy> across(channels, N);
  const std::ptrdiff_t worth = rows / (Policy::threads / across.lanes * Policy::rows_per_thread) + 1;
  const std::ptrdiff_t most = most_chunks<Policy>(channels);
  const std::ptrdiff_t rows_per_chunk = (rows - 1) / (worth < most ? worth : most) + 1;
  const int chunks = int((rows - 1) / rows_per_chunk) + 1;
  launch(stream, partial_sums_kernel<Policy, N, K, Body>, dim3(unsigned(across.blocks), unsigned(chunks)),
         across.block(), 0, rows, rows_per_chunk, channels, body, scratch);
  launch(stream, finish_sums_kernel<K, Finish>, unsigned(channels + 31) / 32, dim3(32, 32), 0, chunks, channels,
         scratch, finish);
}

}  // namespace ferlab::kernels
