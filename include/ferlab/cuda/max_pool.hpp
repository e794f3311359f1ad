// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/max_pool.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P, class V>
void run(const Cuda<P>& cuda, const MaxPool& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(),
               kernels::MaxPool<V>{.geometry = m.of(op.geometry), .x = m[op.x], .y = m[op.y], .argmax = m[op.argmax]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const MaxPoolBackward& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(),
               kernels::MaxPoolBackward<V>{
                   .geometry = m.of(op.geometry), .dy = m[op.dy], .argmax = m[op.argmax], .dx = m[op.dx]});
}

}  // namespace ferlab::ops
