// SPDX-License-Identifier: MIT
// LeakyReLU on a GPU: what its kernels are given. Both nvcc and the program's compiler read this.
#pragma once

#include <cstddef>

#include "kernels/stream.hpp"

namespace mine::kernels {

/// y = x > 0 ? x : slope * x; y may be x.
template <class S>
struct LeakyReLU {
  std::ptrdiff_t count;  ///< of elements
  float slope;
  const S* x;
  S* y;
};
template <class S>
void run(cudaStream_t, const LeakyReLU<S>&);

/// dx = y > 0 ? dy : slope * dy; dx may be dy.
template <class S>
struct LeakyReLUBackward {
  std::ptrdiff_t count;
  float slope;
  const S *y, *dy;
  S* dx;
};
template <class S>
void run(cudaStream_t, const LeakyReLUBackward<S>&);

}  // namespace mine::kernels
