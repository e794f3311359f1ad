// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

#include "ferlab/core/flat_weights.hpp"
#include "ferlab/core/step_state.hpp"
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

  AdamFactors factors() const { return {0, 0, 0}; }

  /// One step over all weights; see Adam::update.
  template <class Backend, class T, class V>
  void update(const Backend& backend, const FlatWeights<T, V>& weights, const std::array<T*, 1>& slot,
              StepState* state) const {
    sgd(backend, weights, slot[0], momentum, nesterov, state);
  }
};

}  // namespace ferlab
