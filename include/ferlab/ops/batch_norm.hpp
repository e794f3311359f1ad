// SPDX-License-Identifier: MIT
// Ioffe and Szegedy, "Batch Normalization", 2015, as keras.layers.BatchNormalization (Keras 3): the variance is the
// biased one everywhere. Values are [rows][channels], a row per pixel; all else is [channels].
#pragma once

#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// mean and inv_std = 1 / sqrt(variance + epsilon) over the rows of x, and the moving averages:
/// moving = momentum * moving + (1 - momentum) * batch.
struct BatchStatistics {
  static constexpr const char* name = "batch_statistics";
  Value x;
  Scalars mean, inv_std;
  Weight moving_mean, moving_variance;
  Setting epsilon, momentum;
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x);
    each.writes(op.mean), each.writes(op.inv_std);
    each.changes(op.moving_mean), each.changes(op.moving_variance), each.scratch(op.scratch);
  }
};

/// y = gamma * (x - mean) * inv_std + beta.
struct BatchNorm {
  static constexpr const char* name = "batch_norm";
  Value x;
  Scalars mean, inv_std;
  Weight gamma, beta;
  Value y;
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x), each.reads(op.mean), each.reads(op.inv_std), each.reads(op.gamma), each.reads(op.beta);
    each.writes(op.y), each.scratch(op.scratch);
  }
};

/// The same with the moving averages.
struct BatchNormInference {
  static constexpr const char* name = "batch_norm_inference";
  Value x;
  Weight gamma, beta, moving_mean, moving_variance;
  Setting epsilon;
  Value y;
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x), each.reads(op.gamma), each.reads(op.beta);
    each.reads(op.moving_mean), each.reads(op.moving_variance);
    each.writes_over(op.y, op.x), each.scratch(op.scratch);
  }
};

/// dgamma = sum of dy * xhat, dbeta = sum of dy, dx = gamma * inv_std * (dy - dbeta / rows - xhat * dgamma / rows),
/// where xhat = (x - mean) * inv_std. With `drelu_bias`, x came out of a bias and a ReLU: dx is then propagated through
/// both, and drelu_bias is the gradient of that bias (a rewrite asks for it).
struct BatchNormBackward {
  static constexpr const char* name = "batch_norm_backward";
  Value x, dy;
  Weight gamma;
  Scalars mean, inv_std;
  Value dx;
  Gradient dgamma, dbeta;
  Gradient drelu_bias{};
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x), each.reads(op.dy), each.reads(op.gamma), each.reads(op.mean), each.reads(op.inv_std);
    each.writes_over(op.dx, op.dy), each.writes(op.dgamma), each.writes(op.dbeta), each.writes(op.drelu_bias);
    each.scratch(op.scratch);
  }
};

}  // namespace ferlab::ops
