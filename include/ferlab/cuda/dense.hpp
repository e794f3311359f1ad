// SPDX-License-Identifier: MIT
// A dense layer is a 1 x 1 convolution over images of one pixel.
#pragma once

#include "ferlab/cuda/conv2d.hpp"

namespace ferlab {

namespace cuda {
constexpr Conv2DGeometry dense_geometry(int batch, int in, int units) {
  return {batch, 1, 1, in, 1, 1, units, 1, 1, 0, 0};
}
}  // namespace cuda

template <Precision P>
constexpr std::size_t dense_packed_size(On<Cuda<P>>, int, int) {
  return 0;
}
template <Precision P>
constexpr std::size_t dense_backward_scratch_size(On<Cuda<P>> on, int in, int units) {
  return conv2d_backward_scratch_size(on, cuda::dense_geometry(1, in, units));
}
template <Precision P, class V>
void dense_forward(const Cuda<P>& cuda, int batch, int in, int units, const V* x, const V* w, const V* bias,
                   Activation activation, V* y) {
  conv2d_forward(cuda, cuda::dense_geometry(batch, in, units), x, w, bias, activation, y);
}
template <Precision P, class V>
void dense_backward_data(const Cuda<P>& cuda, int batch, int in, int units, const V* dy, const V* w, V* dx,
                         float* scratch) {
  conv2d_backward_data(cuda, cuda::dense_geometry(batch, in, units), dy, w, dx, scratch);
}
template <Precision P, class V>
void dense_backward_filter(const Cuda<P>& cuda, int batch, int in, int units, const V* x, const V* dy, V* dw,
                           float* scratch) {
  conv2d_backward_filter(cuda, cuda::dense_geometry(batch, in, units), x, dy, dw, scratch);
}

}  // namespace ferlab
