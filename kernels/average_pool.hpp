// SPDX-License-Identifier: MIT
// Average pooling: what its kernels are given. A global average is one window.
#pragma once

#include "ferlab/ops/geometry.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// y = the mean of each window; padding does not count.
template <class S>
struct AveragePool {
  ops::Pool2DGeometry geometry;
  const S* x;
  S* y;
};
template <class S>
void run(cudaStream_t, const AveragePool<S>&);

/// dx = the sum over the windows that cover the pixel of dy / their size; every dx is written.
template <class S>
struct AveragePoolBackward {
  ops::Pool2DGeometry geometry;
  const S* dy;
  S* dx;
};
template <class S>
void run(cudaStream_t, const AveragePoolBackward<S>&);

}  // namespace ferlab::kernels
