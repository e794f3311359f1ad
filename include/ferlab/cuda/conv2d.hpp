// SPDX-License-Identifier: MIT
// Convolutions: by cuDNN where more than 4 channels come in, by our direct kernels elsewhere (the first layer). Nothing
// is packed: the rounded weights are in the order that the convolutions read.
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/conv2d.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P>
constexpr std::size_t scratch_size(const Cuda<P>*, const Conv2DBackwardFilter& op) {
  return ferlab::cuda::uses_cudnn(op.geometry.channels)
             ? 0
             : sizeof(float) * kernels::conv2d_direct_scratch_size(op.geometry.filters);
}

template <Precision P, class V>
void run(const Cuda<P>& cuda, const Conv2D& op, const Memory<float, V>& m) {
  const ops::Conv2DGeometry g = m.of(op.geometry);
  if (ferlab::cuda::uses_cudnn(g.channels))
    cuda.convolutions().forward(g, m[op.x], m.rounded(op.kernel), m.rounded(op.bias), op.activation, m[op.y]);
  else
    kernels::conv2d_direct(cuda.stream(), kernels::Conv2D<V>{.geometry = g,
                                                             .x = m[op.x],
                                                             .kernel = m.rounded(op.kernel),
                                                             .bias = m.rounded(op.bias),
                                                             .activation = op.activation,
                                                             .y = m[op.y]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const Conv2DBackwardFilter& op, const Memory<float, V>& m) {
  const ops::Conv2DGeometry g = m.of(op.geometry);
  if (ferlab::cuda::uses_cudnn(g.channels))
    cuda.convolutions().backward_filter(g, m[op.x], m[op.dy], m[op.dkernel]);
  else
    kernels::conv2d_direct(cuda.stream(),
                           kernels::Conv2DBackwardFilter<V>{.geometry = g,
                                                            .x = m[op.x],
                                                            .dy = m[op.dy],
                                                            .dkernel = m[op.dkernel],
                                                            .scratch = m.template scratch<float>(op.scratch)});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const Conv2DBackwardData& op, const Memory<float, V>& m) {
  const ops::Conv2DGeometry g = m.of(op.geometry);
  if (ferlab::cuda::uses_cudnn(g.channels))
    cuda.convolutions().backward_data(g, m[op.dy], m.rounded(op.kernel), m[op.dx]);
  else
    kernels::conv2d_direct(
        cuda.stream(),
        kernels::Conv2DBackwardData<V>{.geometry = g, .dy = m[op.dy], .kernel = m.rounded(op.kernel), .dx = m[op.dx]});
}

}  // namespace ferlab::ops
