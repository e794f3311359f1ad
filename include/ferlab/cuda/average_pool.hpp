// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/average_pool.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P, class V>
void run(const Cuda<P>& cuda, const AveragePool& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::AveragePool<V>{.geometry = m.of(op.geometry), .x = m[op.x], .y = m[op.y]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const AveragePoolBackward& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(),
               kernels::AveragePoolBackward<V>{.geometry = m.of(op.geometry), .dy = m[op.dy], .dx = m[op.dx]});
}

}  // namespace ferlab::ops
