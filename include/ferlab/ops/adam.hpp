// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// state.step_size = learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t), t = step + 1: Adam's bias correction.
struct AdamStepSize {
  static constexpr const char* name = "adam_step_size";
  Setting beta_1, beta_2;
  static constexpr void operands(auto&, auto& each) { each.reports(); }
};

/// Kingma and Ba, "Adam", 2015, in the form of keras.optimizers.Adam (epsilon outside of the bias correction):
/// m += (g - m) * (1 - beta_1), v += (g * g - v) * (1 - beta_2), w -= step_size * m / (sqrt(v) + epsilon). All
/// trainable weights, penalties' gradients (2 * l2 * weight) included; a weight first loses learning_rate *
/// weight_decay of itself.
struct Adam {
  static constexpr const char* name = "adam";
  Moment momentum, velocity;
  Setting beta_1, beta_2, epsilon, weight_decay;
  static constexpr void operands(auto&, auto& each) { each.reports(); }
};

}  // namespace ferlab::ops
