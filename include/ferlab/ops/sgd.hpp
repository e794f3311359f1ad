// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// velocity = momentum * velocity - learning_rate * g; w += velocity, or with nesterov (not 0) w += momentum * velocity
/// - learning_rate * g. With momentum 0 velocity is not touched. As keras.optimizers.SGD. All trainable weights,
/// penalties' gradients (2 * l2 * weight) included; a weight first loses learning_rate * weight_decay of itself.
struct SGD {
  static constexpr const char* name = "sgd";
  Moment velocity;
  Setting momentum, nesterov, weight_decay;
  static constexpr void operands(auto&, auto& each) { each.reports(); }
};

}  // namespace ferlab::ops
