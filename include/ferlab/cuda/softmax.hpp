// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/memory.hpp"
#include "ferlab/ops/softmax.hpp"

namespace ferlab::ops {

template <Precision P, class V>
void run(const Cuda<P>& cuda, const Softmax& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(),
               kernels::Softmax<V>{.rows = m.batch, .classes = op.x.shape.channels, .x = m[op.x], .y = m[op.y]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const SoftmaxBackward& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(),
               kernels::SoftmaxBackward<V>{
                   .rows = m.batch, .classes = op.y.shape.channels, .y = m[op.y], .dy = m[op.dy], .dx = m[op.dx]});
}

}  // namespace ferlab::ops
