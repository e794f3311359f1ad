// SPDX-License-Identifier: MIT
// Convolution: what its kernels are given. Two algorithms do it, conv2d_direct (every shape; kernels as Keras orders
// them, [height][width][channels][filters]) and conv2d_tensor (conv2d_tensor.hpp says which shapes; kernels as cuDNN
// orders them, [filters][height][width][channels]). x: [batch][height][width][channels], y:
// [batch][out_height][out_width][filters].
#pragma once

#include "ferlab/ops/geometry.hpp"
#include "kernels/batch_norm.hpp"
#include "kernels/conv2d_direct.hpp"
#include "kernels/conv2d_tensor.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// y = activation(convolution of x and the kernel + bias), and the statistics of y where they are wanted.
template <class S>
struct Conv2D {
  ops::Conv2DGeometry geometry;
  const S *x, *kernel;
  const S* bias = nullptr;  ///< nullptr: none
  ops::Activation activation = ops::Activation::none;
  S* y;
  ChannelStatistics statistics = {};  ///< of y, for the BatchNorm after it; without a mean: not wanted
  float* scratch = nullptr;           ///< for the statistics: batch_norm_scratch_size(filters), for conv2d_tensor
                                      ///< conv2d_tensor_statistics_scratch_size(geometry)
};

/// dkernel = the gradient of the kernel.
template <class S, class G = S>
struct Conv2DBackwardFilter {
  ops::Conv2DGeometry geometry;
  const S *x, *dy;
  G* dkernel;
  float* scratch;  ///< conv2d_direct_scratch_size(filters), conv2d_tensor_backward_filter_scratch_size(geometry)
};

/// dx = the gradient of the input.
template <class S>
struct Conv2DBackwardData {
  ops::Conv2DGeometry geometry;
  const S *dy, *kernel;
  S* dx;
  const S* relu = nullptr;  ///< x, where it came out of a ReLU: dx is then propagated through it, 0 where x is 0
};

template <class S>
void conv2d_direct(cudaStream_t, const Conv2D<S>&);
template <class S, class G>
void conv2d_direct(cudaStream_t, const Conv2DBackwardFilter<S, G>&);
template <class S>
void conv2d_direct(cudaStream_t, const Conv2DBackwardData<S>&);

/// In bfloat16 alone. Throws ArgumentError for a shape that it does not take.
template <class S>
void conv2d_tensor(cudaStream_t, const Conv2D<S>&);
template <class S, class G>
void conv2d_tensor(cudaStream_t, const Conv2DBackwardFilter<S, G>&);
template <class S>
void conv2d_tensor(cudaStream_t, const Conv2DBackwardData<S>&);

}  // namespace ferlab::kernels
