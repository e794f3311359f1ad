// SPDX-License-Identifier: MIT
// Max pooling: what its kernels are given. Windows have at most 15 x 15 positions.
#pragma once

#include <cstdint>

#include "ferlab/ops/geometry.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// y = the maximum of each window: of equal values the first, a NaN before all.
template <class S>
struct MaxPool {
  ops::Pool2DGeometry geometry;
  const S* x;
  S* y;
  std::uint8_t* argmax = nullptr;  ///< laid out as y; gets where the maximum was: row * window + column
};
template <class S>
void run(cudaStream_t, const MaxPool<S>&);

/// dx = the sum of dy of those windows whose maximum the pixel was; every dx is written.
template <class S>
struct MaxPoolBackward {
  ops::Pool2DGeometry geometry;
  const S* dy;
  const std::uint8_t* argmax;  ///< MaxPool's
  S* dx;
};
template <class S>
void run(cudaStream_t, const MaxPoolBackward<S>&);

}  // namespace ferlab::kernels
