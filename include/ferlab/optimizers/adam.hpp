// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

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

  /// Updates one segment of n weights. `step` counts from 1; `l2` is the penalty's factor; the gradient is multiplied
  /// by `gradient_scale` first.
  template <class Backend, class T>
  void update(const Backend& backend, std::ptrdiff_t n, T* weights, const T* gradients, const std::array<T*, 2>& slot,
              std::uint64_t step, float rate, float l2, T gradient_scale) const {
    const double t = double(step);
    const double correction = std::sqrt(1 - std::pow(double(beta_2), t)) / (1 - std::pow(double(beta_1), t));
    adam_step(backend, n, weights, gradients, slot[0], slot[1],
              {.step_size = T(rate * correction),
               .beta_1 = T(beta_1),
               .beta_2 = T(beta_2),
               .epsilon = T(epsilon),
               .l2 = T(l2),
               .decay = T(rate) * T(weight_decay),
               .gradient_scale = gradient_scale});
  }
};

}  // namespace ferlab
