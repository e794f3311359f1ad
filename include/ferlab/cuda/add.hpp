// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/cuda/copy.hpp"
#include "ferlab/ops/add.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P, class V>
void run(const Cuda<P>& cuda, const Add& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::Add<V>{.count = m.size(op.y), .a = m[op.a], .b = m[op.b], .y = m[op.y]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const Accumulate& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::Add<V>{.count = m.size(op.y), .a = m[op.y], .b = m[op.x], .y = m[op.y]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const Copy& op, const Memory<float, V>& m) {
  copy(cuda, m.size(op.y), static_cast<const V*>(m[op.x]), m[op.y]);
}

}  // namespace ferlab::ops
