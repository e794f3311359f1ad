// SPDX-License-Identifier: MIT
// Batch normalisation over [rows][channels] (Ioffe and Szegedy, 2015; formulas as in Keras): what its kernels are
// given. What belongs to a channel is in float whatever S is.
#pragma once

#include <cstddef>

#include "kernels/rows.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// Floats of scratch that the ops of training need.
template <class Policy = RowsPolicy>
constexpr std::size_t batch_norm_scratch_size(int channels) {
  return column_sums_scratch_size<Policy>(channels, 2) + 2 * std::size_t(channels);
}

/// What is learned of a batch, [channels] each: its mean and 1 / sqrt(its variance + epsilon), which are written, and
/// the running mean and variance, which are moved: moving = momentum * moving + (1 - momentum) * batch.
struct ChannelStatistics {
  float epsilon, momentum;
  float *mean, *inv_std, *moving_mean, *moving_variance;
};

/// The statistics of x.
template <class S>
struct BatchStatistics {
  std::ptrdiff_t rows;
  int channels;
  const S* x;
  ChannelStatistics found;
  float* scratch;  ///< batch_norm_scratch_size(channels)
};
template <class S>
void run(cudaStream_t, const BatchStatistics<S>&);

/// y = gamma * (x - mean) * inv_std + beta with the batch's statistics. y may be x (which the backward pass then
/// lacks).
template <class S>
struct BatchNorm {
  std::ptrdiff_t rows;
  int channels;
  const S* x;
  const float *gamma, *beta, *mean, *inv_std;
  S* y;
};
template <class S>
void run(cudaStream_t, const BatchNorm<S>&);

/// y = gamma * (x - moving_mean) / sqrt(moving_variance + epsilon) + beta; y may be x.
template <class S>
struct BatchNormInference {
  std::ptrdiff_t rows;
  int channels;
  const S* x;
  const float *gamma, *beta, *moving_mean, *moving_variance;
  float epsilon;
  S* y;
};
template <class S>
void run(cudaStream_t, const BatchNormInference<S>&);

/// With xhat = (x - mean) * inv_std: dgamma = the sum over rows of dy * xhat, dbeta = the sum of dy, dx = gamma *
/// inv_std * (dy - dbeta / rows - xhat * dgamma / rows). dx may be dy. With drelu_bias, x came out of a bias and a
/// ReLU, and dx is propagated through both: 0 where x is 0, and drelu_bias = the sum over rows of that.
template <class S, class G = S>
struct BatchNormBackward {
  std::ptrdiff_t rows;
  int channels;
  const S *x, *dy;
  const float *gamma, *mean, *inv_std;
  S* dx;
  G *dgamma, *dbeta;
  G* drelu_bias = nullptr;  ///< nullptr: there is no bias and ReLU, or they have an op of their own
  float* scratch;           ///< batch_norm_scratch_size(channels)
};
template <class S, class G>
void run(cudaStream_t, const BatchNormBackward<S, G>&);

}  // namespace ferlab::kernels
