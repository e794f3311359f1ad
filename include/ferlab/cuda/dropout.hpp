// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/dropout.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P, class V>
void run(const Cuda<P>& cuda, const Dropout& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::Dropout<V>{.count = m.size(op.x),
                                                  .features = std::ptrdiff_t(op.x.shape.size()),
                                                  .rate = m[op.rate],
                                                  .random = m.stream(op.layer),
                                                  .x = m[op.x],
                                                  .y = m[op.y]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const DropoutBackward& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::Dropout<V>{.count = m.size(op.dy),
                                                  .features = std::ptrdiff_t(op.dy.shape.size()),
                                                  .rate = m[op.rate],
                                                  .random = m.stream(op.layer),
                                                  .x = m[op.dy],
                                                  .y = m[op.dx]});
}

}  // namespace ferlab::ops
