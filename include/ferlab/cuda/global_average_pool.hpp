// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/global_average_pool.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

/// One window over an image that is all of its pixels high.
constexpr ops::Pool2DGeometry whole_image(int batch, Shape shape) {
  const int pixels = shape.height * shape.width;
  return {batch, pixels, 1, shape.channels, 1, 1, pixels, pixels, 0, 0};
}

template <Precision P, class V>
void run(const Cuda<P>& cuda, const GlobalAveragePool& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(),
               kernels::AveragePool<V>{.geometry = whole_image(m.batch, op.x.shape), .x = m[op.x], .y = m[op.y]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const GlobalAveragePoolBackward& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::AveragePoolBackward<V>{
                                  .geometry = whole_image(m.batch, op.dx.shape), .dy = m[op.dy], .dx = m[op.dx]});
}

}  // namespace ferlab::ops
