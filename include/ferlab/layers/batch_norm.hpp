// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"
#include "ferlab/ops/batch_norm.hpp"

namespace ferlab {

/// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta for each channel, over batch and pixels; any shape. In
/// training mean and biased variance are the batch's and move the running ones: moving = momentum * moving + (1 -
/// momentum) * batch; otherwise they are the running ones. Weights, [c] each: gamma, beta; not trainable: moving_mean,
/// moving_variance. As keras.layers.BatchNormalization (Keras 3).
struct BatchNorm {
  float momentum = 0.99f;
  float epsilon = 1e-3f;

  static constexpr const char* name = "batch_norm";
  using lowers_to = ops::OpTypes<ops::BatchStatistics, ops::BatchNorm, ops::BatchNormBackward, ops::BatchNormInference>;

  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const int c = x.shape.channels;
    const auto gamma = g.weight({"gamma", 1, {c, 1, 1, 1}}, Initializer::ones);
    const auto beta = g.weight({"beta", 1, {c, 1, 1, 1}}, Initializer::zeros);
    const auto moving_mean = g.weight({"moving_mean", 1, {c, 1, 1, 1}, false}, Initializer::zeros);
    const auto moving_variance = g.weight({"moving_variance", 1, {c, 1, 1, 1}, false}, Initializer::ones);
    const auto epsilon_setting = g.setting("epsilon", epsilon, ops::not_negative);
    const auto y = g.value(x.shape);
    if (!g.training) {
      g.run(ops::BatchNormInference{.x = x,
                                    .gamma = gamma,
                                    .beta = beta,
                                    .moving_mean = moving_mean,
                                    .moving_variance = moving_variance,
                                    .epsilon = epsilon_setting,
                                    .y = y});
      return y;
    }
    const auto mean = g.scalars(std::size_t(c)), inv_std = g.scalars(std::size_t(c));
    g.run(ops::BatchStatistics{.x = x,
                               .mean = mean,
                               .inv_std = inv_std,
                               .moving_mean = moving_mean,
                               .moving_variance = moving_variance,
                               .epsilon = epsilon_setting,
                               .momentum = g.setting("momentum", momentum, ops::from_0_to_1)});
    g.run(ops::BatchNorm{.x = x, .mean = mean, .inv_std = inv_std, .gamma = gamma, .beta = beta, .y = y});
    g.run_backward(ops::BatchNormBackward{.x = x,
                                          .dy = g.gradient(y),
                                          .gamma = gamma,
                                          .mean = mean,
                                          .inv_std = inv_std,
                                          .dx = g.gradient(x),
                                          .dgamma = g.gradient(gamma),
                                          .dbeta = g.gradient(beta)});
    return y;
  }
};

}  // namespace ferlab
