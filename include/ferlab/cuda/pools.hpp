// SPDX-License-Identifier: MIT
// Pools, each as in the file of its name in ferlab/cpu/.
#pragma once

#include "ferlab/cuda/context.hpp"

namespace ferlab {

template <Precision P, class V>
void max_pool_forward(const Cuda<P>& cuda, const Pool2DGeometry& g, const V* x, V* y, std::uint8_t* argmax) {
  kernels::max_pool_forward(cuda.stream(), g, x, y, argmax);
}
template <Precision P, class V>
void max_pool_backward(const Cuda<P>& cuda, const Pool2DGeometry& g, const V* dy, const std::uint8_t* argmax, V* dx) {
  kernels::max_pool_backward(cuda.stream(), g, dy, argmax, dx);
}

template <Precision P, class V>
void average_pool_forward(const Cuda<P>& cuda, const Pool2DGeometry& g, const V* x, V* y) {
  kernels::average_pool_forward(cuda.stream(), g, x, y);
}
template <Precision P, class V>
void average_pool_backward(const Cuda<P>& cuda, const Pool2DGeometry& g, const V* dy, V* dx) {
  kernels::average_pool_backward(cuda.stream(), g, dy, dx);
}

/// A global average is one window, `pixels` high.
template <Precision P, class V>
void global_average_pool_forward(const Cuda<P>& cuda, int batch, int pixels, int channels, const V* x, V* y) {
  kernels::average_pool_forward(cuda.stream(), {batch, pixels, 1, channels, 1, 1, pixels, pixels, 0, 0}, x, y);
}
template <Precision P, class V>
void global_average_pool_backward(const Cuda<P>& cuda, int batch, int pixels, int channels, const V* dy, V* dx) {
  kernels::average_pool_backward(cuda.stream(), {batch, pixels, 1, channels, 1, 1, pixels, pixels, 0, 0}, dy, dx);
}

}  // namespace ferlab
