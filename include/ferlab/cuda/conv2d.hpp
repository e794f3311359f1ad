// SPDX-License-Identifier: MIT
// Convolutions: by cuDNN where more than 4 channels come in, by our direct kernels elsewhere (the first layer).
#pragma once

#include <algorithm>

#include "ferlab/cuda/batch_norm.hpp"
#include "ferlab/cuda/bias.hpp"
#include "ferlab/cuda/context.hpp"

namespace ferlab {

/// Nothing is prepared: the rounded weights are in the order that the convolutions read.
template <Precision P>
constexpr std::size_t conv2d_packed_size(On<Cuda<P>>, const Conv2DGeometry&) {
  return 0;
}
/// Floats of scratch that the backward functions, bias_backward's among them, need.
template <Precision P>
constexpr std::size_t conv2d_backward_scratch_size(On<Cuda<P>>, const Conv2DGeometry& g) {
  return std::max({kernels::bias_scratch_size(g.filters), kernels::bias_scratch_size(g.channels),
                   kernels::conv2d_direct_scratch_size(g.filters)});
}

/// As ferlab/cpu/conv2d.hpp; w and bias rounded to V, in the order that weights_from_host leaves.
template <Precision P, class V>
void conv2d_forward(const Cuda<P>& cuda, const Conv2DGeometry& g, const V* x, const V* w, const V* bias,
                    Activation activation, V* y) {
  if (cuda::uses_cudnn(g.channels))
    cuda.convolutions().forward(g, x, w, bias, activation, y);
  else
    kernels::conv2d_direct_forward(cuda.stream(), g, x, w, bias, activation, y);
}
template <Precision P, class V>
void conv2d_forward_statistics(const Cuda<P>& cuda, const Conv2DGeometry& g, const V* x, const V* w, const V* bias,
                               Activation activation, V* y, const BatchStatistics<float>& found, float* scratch) {
  if (cuda::uses_cudnn(g.channels))
    return cuda.convolutions().forward_statistics(g, x, w, bias, activation, y, found, scratch);
  conv2d_forward(cuda, g, x, w, bias, activation, y);
  batch_statistics(cuda, std::ptrdiff_t(g.batch) * g.out_height * g.out_width, g.filters, y, found, scratch);
}
template <Precision P, class V>
void conv2d_backward_data(const Cuda<P>& cuda, const Conv2DGeometry& g, const V* dy, const V* w, V* dx, float*) {
  if (cuda::uses_cudnn(g.channels))
    cuda.convolutions().backward_data(g, dy, w, dx);
  else
    kernels::conv2d_direct_backward_data(cuda.stream(), g, dy, w, dx);
}
template <Precision P, class V>
void conv2d_backward_data_relu_bias(const Cuda<P>& cuda, const Conv2DGeometry& g, const V* dy, const V* w, const V* x,
                                    V* dx, V* db, float* scratch) {
  if (cuda::uses_cudnn(g.channels)) return cuda.convolutions().backward_data_relu_bias(g, dy, w, x, dx, db, scratch);
  conv2d_backward_data(cuda, g, dy, w, dx, scratch);
  relu_bias_backward(cuda, std::ptrdiff_t(g.batch) * g.height * g.width, g.channels, x, dx, db, scratch);
}
template <Precision P, class V>
void conv2d_backward_filter(const Cuda<P>& cuda, const Conv2DGeometry& g, const V* x, const V* dy, V* dw,
                            float* scratch) {
  if (cuda::uses_cudnn(g.channels))
    cuda.convolutions().backward_filter(g, x, dy, dw);
  else
    kernels::conv2d_direct_backward_filter(cuda.stream(), g, x, dy, dw, scratch);
}

}  // namespace ferlab
