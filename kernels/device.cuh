// SPDX-License-Identifier: MIT
// What every kernel here stands on: launching, shared memory by one name, and access to memory in 16-byte pieces.
// nvcc compiles the kernels (with --expt-relaxed-constexpr); any other C++ compiler can, given a header of the name
// ferlab_cuda_emulator.hpp that defines what nvcc.cuh does, and CUDA's own words (__global__, threadIdx, ...).
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/bfloat16.hpp"

#if defined(__CUDACC__)
#include "kernels/nvcc.cuh"
#else  // an emulator, on the include path of whoever runs kernels on a CPU
#include <ferlab_cuda_emulator.hpp>
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
  const Piece<S, N> piece = load_piece(reinterpret_cast<const Piece<S, N>*>(from));
  Floats<N> values;
  for (int i = 0; i < N; ++i) values.v[i] = float(piece.v[i]);
  return values;
}

template <int N, class S>
__device__ inline void store(S* to, const Floats<N>& values) {
  Piece<S, N> piece;
  for (int i = 0; i < N; ++i) piece.v[i] = S(values.v[i]);
  store_piece(reinterpret_cast<Piece<S, N>*>(to), piece);
}

/// f(value of a, value of b, ...) of each of the N.
template <int N, class F, class... Others>
__device__ inline Floats<N> map(const F& f, const Floats<N>& first, const Others&... others) {
  Floats<N> result;
  for (int i = 0; i < N; ++i) result.v[i] = f(first.v[i], others.v[i]...);
  return result;
}

}  // namespace ferlab::kernels
