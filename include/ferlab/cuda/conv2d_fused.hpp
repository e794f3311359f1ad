// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/batch_norm.hpp"
#include "ferlab/cuda/bias.hpp"
#include "ferlab/cuda/context.hpp"
#include "ferlab/cuda/conv2d.hpp"
#include "ferlab/ops/conv2d_fused.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P>
constexpr std::size_t scratch_size(const Cuda<P>*, const Conv2DStatistics& op) {
  return sizeof(float) * kernels::batch_norm_scratch_size(op.conv.geometry.filters);
}
template <Precision P>
constexpr std::size_t scratch_size(const Cuda<P>*, const Conv2DBackwardDataReLUBias& op) {
  return sizeof(float) * kernels::bias_scratch_size(op.geometry.channels);
}

template <Precision P, class V>
void run(const Cuda<P>& cuda, const Conv2DStatistics& op, const Memory<float, V>& m) {
  const Conv2D& conv = op.conv;
  const ops::Conv2DGeometry g = m.of(conv.geometry);
  BatchStatistics statistics = op.statistics;
  statistics.scratch = op.scratch;
  if (ferlab::cuda::uses_cudnn(g.channels))
    return cuda.convolutions().forward_statistics(
        g, m[conv.x], m.rounded(conv.kernel), m.rounded(conv.bias), conv.activation, m[conv.y],
        ferlab::cuda::channel_statistics(statistics, m), m.template scratch<float>(op.scratch));
  run(cuda, conv, m);
  run(cuda, statistics, m);
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const Conv2DBackwardDataReLUBias& op, const Memory<float, V>& m) {
  const ops::Conv2DGeometry g = m.of(op.geometry);
  if (ferlab::cuda::uses_cudnn(g.channels))
    return cuda.convolutions().backward_data_relu_bias(g, m[op.dy], m.rounded(op.kernel), m[op.x], m[op.dx],
                                                       m[op.dbias], m.template scratch<float>(op.scratch));
  run(cuda, Conv2DBackwardData{.geometry = op.geometry, .dy = op.dy, .kernel = op.kernel, .dx = op.dx}, m);
  run(cuda, ReLUBiasBackward{.y = op.x, .dy = op.dx, .dx = op.dx, .dbias = op.dbias, .scratch = op.scratch}, m);
}

}  // namespace ferlab::ops
