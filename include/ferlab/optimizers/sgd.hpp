// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "ferlab/ops/sgd.hpp"
#include "ferlab/optimizers/learning_rate.hpp"

namespace ferlab {

/// velocity = momentum * velocity - rate * gradient; w += velocity, or with nesterov w += momentum * velocity - rate *
/// gradient. As keras.optimizers.SGD, with decoupled `weight_decay` as there.
struct SGD {
  LearningRate learning_rate = 1e-2f;
  float momentum = 0;
  bool nesterov = false;
  float weight_decay = 0;
  float global_clipnorm = 0;  ///< if positive, gradients are scaled so that the norm over all of them is at most this

  static constexpr const char* name = "sgd";
  static constexpr std::array<const char*, 1> slots{"velocity"};
  using lowers_to = ops::OpTypes<ops::SGD>;

  constexpr void update(auto& g) const {
    g.run(ops::SGD{.velocity = {0},
                   .momentum = g.setting("momentum", momentum, ops::from_0_to_1),
                   .nesterov = g.setting("nesterov", nesterov ? 1.0f : 0.0f),
                   .weight_decay = g.setting("weight_decay", weight_decay, ops::not_negative)});
  }
};

}  // namespace ferlab
