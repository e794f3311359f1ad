// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/bias.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P>
constexpr std::size_t scratch_size(const Cuda<P>*, const BiasBackward& op) {
  return sizeof(float) * kernels::bias_scratch_size(op.dy.shape.channels);
}
template <Precision P>
constexpr std::size_t scratch_size(const Cuda<P>*, const ReLUBiasBackward& op) {
  return sizeof(float) * kernels::bias_scratch_size(op.dy.shape.channels);
}

template <Precision P, class V>
void run(const Cuda<P>& cuda, const BiasBackward& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::BiasBackward<V>{.rows = m.rows(op.dy),
                                                       .channels = op.dy.shape.channels,
                                                       .dy = m[op.dy],
                                                       .dbias = m[op.dbias],
                                                       .scratch = m.template scratch<float>(op.scratch)});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const ReLUBiasBackward& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::ReLUBiasBackward<V>{.rows = m.rows(op.dy),
                                                           .channels = op.dy.shape.channels,
                                                           .y = m[op.y],
                                                           .dy = m[op.dy],
                                                           .dx = m[op.dx],
                                                           .dbias = m[op.dbias],
                                                           .scratch = m.template scratch<float>(op.scratch)});
}

}  // namespace ferlab::ops
