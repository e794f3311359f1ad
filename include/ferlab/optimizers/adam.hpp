// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

#include "ferlab/core/flat_weights.hpp"
#include "ferlab/core/step_state.hpp"
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

  AdamFactors factors() const { return {beta_1, beta_2, epsilon}; }

  /// One step over all weights; `state` (in the backend's memory) has its numbers.
  template <class Backend, class T, class V>
  void update(const Backend& backend, const FlatWeights<T, V>& weights, const std::array<T*, 2>& slot,
              StepState* state) const {
    adam(backend, weights, slot[0], slot[1], factors(), state);
  }
};

}  // namespace ferlab
