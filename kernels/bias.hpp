// SPDX-License-Identifier: MIT
// The bias of a dense or convolutional layer, with ReLU, over [rows][channels]: what its kernels are given.
#pragma once

#include <cstddef>

#include "ferlab/ops/geometry.hpp"
#include "kernels/rows.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// Floats of scratch that the sums need.
template <class Policy = RowsPolicy>
constexpr std::size_t bias_scratch_size(int channels) {
  return column_sums_scratch_size<Policy>(channels, 1);
}

/// y = activation(x + bias); y may be x.
template <class S>
struct BiasAdd {
  std::ptrdiff_t rows;
  int channels;
  const S *x, *bias;
  ops::Activation activation = ops::Activation::none;
  S* y;
};
template <class S>
void run(cudaStream_t, const BiasAdd<S>&);

/// dbias = the sum over rows of dy.
template <class S, class G = S>
struct BiasBackward {
  std::ptrdiff_t rows;
  int channels;
  const S* dy;
  G* dbias;
  float* scratch;  ///< bias_scratch_size(channels)
};
template <class S, class G>
void run(cudaStream_t, const BiasBackward<S, G>&);

/// dx = dy where y > 0, else 0; dbias = the sum over rows of dx. dx may be dy.
template <class S, class G = S>
struct ReLUBiasBackward {
  std::ptrdiff_t rows;
  int channels;
  const S *y, *dy;
  S* dx;
  G* dbias;
  float* scratch;  ///< bias_scratch_size(channels)
};
template <class S, class G>
void run(cudaStream_t, const ReLUBiasBackward<S, G>&);

}  // namespace ferlab::kernels
