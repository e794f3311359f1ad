// SPDX-License-Identifier: MIT
// BatchNorm + MaxPool + Dropout in one go, for windows that do not overlap (stride >= window): what the kernels are
// given. Formulas: batch_norm.hpp, max_pool.hpp, dropout.hpp.
#pragma once

#include <cstdint>

#include "ferlab/ops/geometry.hpp"
#include "ferlab/ops/step_state.hpp"
#include "kernels/batch_norm.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// y = dropout(max_pool(batch_norm(x))) with the batch's mean and inv_std. maxima (x at the maximum) and argmax, laid
/// out as y, are for the backward pass.
template <class S>
struct BatchNormMaxPoolDropout {
  ops::Pool2DGeometry geometry;
  const S* x;
  const float *gamma, *beta, *mean, *inv_std;
  float rate;
  ops::StepStream random;
  S *y, *maxima;
  std::uint8_t* argmax;
};
template <class S>
void run(cudaStream_t, const BatchNormMaxPoolDropout<S>&);

/// The gradients of the same. dx is written whole; it may not be dy. drelu_bias: as BatchNormBackward's.
template <class S, class G = S>
struct BatchNormMaxPoolDropoutBackward {
  ops::Pool2DGeometry geometry;
  const S *x, *maxima;
  const std::uint8_t* argmax;
  const S* dy;
  const float *gamma, *mean, *inv_std;
  float rate;
  S* dx;
  G *dgamma, *dbeta;
  G* drelu_bias = nullptr;
  float* scratch;  ///< batch_norm_scratch_size(channels)
};
template <class S, class G>
void run(cudaStream_t, const BatchNormMaxPoolDropoutBackward<S, G>&);

/// y = max_pool(batch_norm(x)) with the moving averages: the same three layers at inference.
template <class S>
struct BatchNormMaxPoolInference {
  ops::Pool2DGeometry geometry;
  const S* x;
  const float *gamma, *beta, *moving_mean, *moving_variance;
  float epsilon;
  S* y;
};
template <class S>
void run(cudaStream_t, const BatchNormMaxPoolInference<S>&);

}  // namespace ferlab::kernels
