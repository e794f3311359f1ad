// SPDX-License-Identifier: MIT
// ReLU: what its kernels are given.
#pragma once

#include <cstddef>

#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// y = max(x, 0), NaN stays NaN; y may be x.
template <class S>
struct ReLU {
  std::ptrdiff_t count;  ///< of elements
  const S* x;
  S* y;
};
template <class S>
void run(cudaStream_t, const ReLU<S>&);

/// dx = dy where y > 0, else 0; dx may be dy.
template <class S>
struct ReLUBackward {
  std::ptrdiff_t count;
  const S *y, *dy;
  S* dx;
};
template <class S>
void run(cudaStream_t, const ReLUBackward<S>&);

}  // namespace ferlab::kernels
