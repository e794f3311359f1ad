// SPDX-License-Identifier: MIT
// Rewrites that backends may put into their tables; see ops/rewrite.hpp.
#pragma once

#include "ferlab/ops/accuracy.hpp"
#include "ferlab/ops/batch_norm_max_pool_dropout.hpp"
#include "ferlab/ops/bias.hpp"
#include "ferlab/ops/conv2d_fused.hpp"
#include "ferlab/ops/crossentropy.hpp"
#include "ferlab/ops/dense_dropout.hpp"
#include "ferlab/ops/relu.hpp"
#include "ferlab/ops/rewrite.hpp"

namespace ferlab::ops::rewrites {

/// ReLU in the epilogue of the convolution.
constexpr Conv2D conv2d_relu(Conv2D conv, const ReLU& relu) {
  conv.activation = Activation::relu, conv.y = relu.y;
  return conv;
}
constexpr Dense dense_relu(Dense dense, const ReLU& relu) {
  dense.activation = Activation::relu, dense.y = relu.y;
  return dense;
}

/// One pass masks dy and sums the gradient of the bias.
constexpr ReLUBiasBackward relu_bias_backward(const ReLUBackward& relu, const BiasBackward& bias) {
  return {.y = relu.y, .dy = relu.dy, .dx = relu.dx, .dbias = bias.dbias};
}

/// Only where windows do not overlap.
constexpr std::optional<Both<BatchNormMaxPoolDropout, BatchNormMaxPoolDropoutBackward>> batch_norm_max_pool_dropout(
    const BatchNorm& norm, const MaxPool& pool, const Dropout& dropout, const Later<DropoutBackward>& dropout_back,
    const MaxPoolBackward& pool_back, const BatchNormBackward& norm_back) {
  if (pool.geometry.stride < pool.geometry.window) return {};
  if (pool_back.argmax.id != pool.argmax.id || norm_back.mean.id != norm.mean.id) return {};  // of another pair
  return Both<BatchNormMaxPoolDropout, BatchNormMaxPoolDropoutBackward>{
      {.norm = norm, .pool = pool, .dropout = dropout, .saved = pool.argmax},
      {.dropout = dropout_back, .pool = pool_back, .norm = norm_back, .saved = pool.argmax}};
}
constexpr std::optional<BatchNormMaxPoolInference> batch_norm_max_pool_inference(const BatchNormInference& norm,
                                                                                 const MaxPool& pool) {
  if (pool.geometry.stride < pool.geometry.window) return {};
  return BatchNormMaxPoolInference{.norm = norm, .pool = pool};
}

/// A value that dropout or ReLU made zero stops the gradient either way: the output alone tells the backward pass what
/// to do, and ReLU's own result need not be kept.
constexpr std::optional<Both<DenseDropout, DropoutReLUBiasBackward>> dense_dropout(
    const Dense& dense, const Dropout& dropout, const Later<DropoutBackward>& dropout_back,
    const ReLUBiasBackward& relu_back) {
  if (dense.activation != Activation::relu || relu_back.y.id != dense.y.id) return {};
  return Both<DenseDropout, DropoutReLUBiasBackward>{
      {.dense = dense, .dropout = dropout},
      {.dropout = dropout_back, .y = dropout.y, .dx = relu_back.dx, .dbias = relu_back.dbias}};
}

/// The statistics of what a convolution makes, found while it is at hand.
constexpr Conv2DStatistics conv2d_statistics(const Conv2D& conv, const BatchStatistics& statistics) {
  return {.conv = conv, .statistics = statistics};
}

/// ReLU's backward pass done by the op that makes its dy.
constexpr BatchNormBackward batch_norm_relu_bias(BatchNormBackward norm, const ReLUBiasBackward& relu) {
  norm.dx = relu.dx, norm.drelu_bias = relu.dbias;
  return norm;
}
constexpr BatchNormMaxPoolDropoutBackward batch_norm_max_pool_dropout_relu_bias(BatchNormMaxPoolDropoutBackward back,
                                                                                const ReLUBiasBackward& relu) {
  back.norm.dx = relu.dx, back.norm.drelu_bias = relu.dbias;
  return back;
}
constexpr Conv2DBackwardDataReLUBias conv2d_backward_data_relu_bias(const Conv2DBackwardData& conv,
                                                                    const ReLUBiasBackward& relu) {
  return {
      .geometry = conv.geometry, .x = relu.y, .dy = conv.dy, .kernel = conv.kernel, .dx = relu.dx, .dbias = relu.dbias};
}

/// The loss sees every output anyway.
constexpr std::optional<SoftmaxCrossentropy> softmax_crossentropy_accuracy(SoftmaxCrossentropy loss,
                                                                           const Accuracy& accuracy) {
  if (loss.hits) return {};
  loss.hits = accuracy.hits;
  return loss;
}

/// All of them, in the order in which one makes room for the next.
inline constexpr Rewrites<conv2d_relu, dense_relu, relu_bias_backward, batch_norm_max_pool_dropout,
                          batch_norm_max_pool_inference, dense_dropout, conv2d_statistics, batch_norm_relu_bias,
                          batch_norm_max_pool_dropout_relu_bias, conv2d_backward_data_relu_bias,
                          softmax_crossentropy_accuracy>
    all{};

}  // namespace ferlab::ops::rewrites
