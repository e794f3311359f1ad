// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/memory.hpp"
#include "ferlab/ops/relu.hpp"

namespace ferlab::ops {

template <Precision P, class V>
void run(const Cuda<P>& cuda, const ReLU& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::ReLU<V>{.count = m.size(op.x), .x = m[op.x], .y = m[op.y]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const ReLUBackward& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(),
               kernels::ReLUBackward<V>{.count = m.size(op.y), .y = m[op.y], .dy = m[op.dy], .dx = m[op.dx]});
}

}  // namespace ferlab::ops
