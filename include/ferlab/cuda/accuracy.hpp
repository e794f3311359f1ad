// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/accuracy.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P, class V>
void run(const Cuda<P>& cuda, const Accuracy& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::Accuracy<V>{.rows = m.batch,
                                                   .classes = int(op.y.shape.size()),
                                                   .outputs = m[op.y],
                                                   .labels = m[op.target],
                                                   .hits = m[op.hits]});
}

}  // namespace ferlab::ops
