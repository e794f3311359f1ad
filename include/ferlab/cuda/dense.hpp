// SPDX-License-Identifier: MIT
// Dense layers, of any width, by cuBLASLt. Nothing is packed: the rounded weights are in Keras's order, which the
// products read.
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/dense.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P, class V>
void run(const Cuda<P>& cuda, const Dense& op, const Memory<float, V>& m) {
  cuda.dense_products().forward(m.batch, op.x.shape.channels, op.y.shape.channels, m[op.x], m.rounded(op.kernel),
                                m.rounded(op.bias), op.activation, m[op.y]);
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const DenseBackwardData& op, const Memory<float, V>& m) {
  cuda.dense_products().backward_data(m.batch, op.dx.shape.channels, op.dy.shape.channels, m[op.dy],
                                      m.rounded(op.kernel), m[op.dx]);
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const DenseBackwardFilter& op, const Memory<float, V>& m) {
  cuda.dense_products().backward_filter(m.batch, op.x.shape.channels, op.dy.shape.channels, m[op.x], m[op.dy],
                                        m[op.dkernel]);
}

}  // namespace ferlab::ops
