// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/bias.hpp"
#include "ferlab/cuda/context.hpp"
#include "ferlab/cuda/dense.hpp"
#include "ferlab/cuda/dropout.hpp"
#include "ferlab/ops/dense_dropout.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P>
constexpr std::size_t scratch_size(const Cuda<P>*, const DropoutReLUBiasBackward& op) {
  return sizeof(float) * kernels::bias_scratch_size(op.dx.shape.channels);
}

template <Precision P, class V>
void run(const Cuda<P>& cuda, const DenseDropout& op, const Memory<float, V>& m) {
  Dense dense = op.dense;
  dense.y = op.dropout.y;
  run(cuda, dense, m);
  Dropout dropout = op.dropout;
  dropout.x = dropout.y;
  run(cuda, dropout, m);
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const DropoutReLUBiasBackward& op, const Memory<float, V>& m) {
  DropoutBackward dropout = op.dropout;
  dropout.dx = op.dx;
  run(cuda, dropout, m);
  run(cuda, ReLUBiasBackward{.y = op.y, .dy = op.dx, .dx = op.dx, .dbias = op.dbias, .scratch = op.scratch}, m);
}

}  // namespace ferlab::ops
