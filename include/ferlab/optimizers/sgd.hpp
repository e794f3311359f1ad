// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

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

  /// Updates one segment of n weights; see Adam::update.
  template <class Backend, class T>
  void update(const Backend& backend, std::ptrdiff_t n, T* weights, const T* gradients, const std::array<T*, 1>& slot,
              std::uint64_t, float rate, float l2, T gradient_scale) const {
    sgd_step(backend, n, weights, gradients, slot[0],
             {.learning_rate = T(rate),
              .momentum = T(momentum),
              .nesterov = nesterov,
              .l2 = T(l2),
              .decay = T(rate) * T(weight_decay),
              .gradient_scale = gradient_scale});
  }
};

}  // namespace ferlab
