// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "ferlab/ops/adam.hpp"
#include "ferlab/optimizers/learning_rate.hpp"

namespace ferlab {

/// Kingma and Ba, "Adam", in Keras's form: epsilon stands outside the bias correction. As keras.optimizers.Adam, and
/// with `weight_decay` as keras.optimizers.AdamW: every weight first shrinks by learning_rate * weight_decay of itself.
struct Adam {
  LearningRate learning_rate = 1e-3f;
  float beta_1 = 0.9f;
  float beta_2 = 0.999f;
  float epsilon = 1e-7f;
  float weight_decay = 0;
  float global_clipnorm = 0;  ///< if positive, gradients are scaled so that the norm over all of them is at most this

  static constexpr const char* name = "adam";
  static constexpr std::array<const char*, 2> slots{"momentum", "velocity"};
  using lowers_to = ops::OpTypes<ops::AdamStepSize, ops::Adam>;

  constexpr void begin(auto& g) const {
    g.run(ops::AdamStepSize{.beta_1 = g.setting("beta_1", beta_1, ops::from_0_below_1),
                            .beta_2 = g.setting("beta_2", beta_2, ops::from_0_below_1)});
  }
  constexpr void update(auto& g) const {
    g.run(ops::Adam{.momentum = {0},
                    .velocity = {1},
                    .beta_1 = g.setting("beta_1", beta_1, ops::from_0_below_1),
                    .beta_2 = g.setting("beta_2", beta_2, ops::from_0_below_1),
                    .epsilon = g.setting("epsilon", epsilon, ops::not_negative),
                    .weight_decay = g.setting("weight_decay", weight_decay, ops::not_negative)});
  }
};

}  // namespace ferlab
