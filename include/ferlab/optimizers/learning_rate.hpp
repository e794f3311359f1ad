// SPDX-License-Identifier: MIT
// A learning rate: a constant, or a schedule over optimizer steps. Formulas: Keras, `optimizers/schedules/`. A schedule
// names its numbers, since a training that is resumed with others is refused.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "ferlab/core/error.hpp"

namespace ferlab {

namespace detail {

inline void check_decay_steps(const char* schedule, std::uint64_t decay_steps) {
  if (decay_steps == 0) throw ArgumentError(std::string(schedule) + ": expected decay_steps of at least 1, got 0");
}

}  // namespace detail

/// initial * decay_rate^(step / decay_steps); with staircase the exponent is rounded down.
struct ExponentialDecay {
  float initial_learning_rate = 1e-3f;
  std::uint64_t decay_steps = 1000;
  float decay_rate = 0.96f;
  bool staircase = false;

  static constexpr const char* name = "exponential_decay";
  void numbers(auto& each) const {
    each("initial_learning_rate", initial_learning_rate);
    each("decay_steps", decay_steps);
    each("decay_rate", decay_rate);
    each("staircase", staircase);
  }
  void check() const { detail::check_decay_steps(name, decay_steps); }
  float at(std::uint64_t step) const {
    const double exponent = double(step) / double(decay_steps);
    return float(initial_learning_rate * std::pow(double(decay_rate), staircase ? std::floor(exponent) : exponent));
  }
};

/// From 0 (or `initial_learning_rate`, when there is a warm-up) linearly up to the target over `warmup_steps`, then
/// down half a cosine to alpha * target over `decay_steps`. Without a warm-up the target is `initial_learning_rate`.
struct CosineDecay {
  float initial_learning_rate = 1e-3f;
  std::uint64_t decay_steps = 1000;
  float alpha = 0;
  float warmup_target = 0;  ///< used when warmup_steps > 0
  std::uint64_t warmup_steps = 0;

  static constexpr const char* name = "cosine_decay";
  void numbers(auto& each) const {
    each("initial_learning_rate", initial_learning_rate);
    each("decay_steps", decay_steps);
    each("alpha", alpha);
    each("warmup_target", warmup_target);
    each("warmup_steps", warmup_steps);
  }
  void check() const { detail::check_decay_steps(name, decay_steps); }
  float at(std::uint64_t step) const {
    if (step < warmup_steps)
      return float(initial_learning_rate +
                   (double(warmup_target) - initial_learning_rate) * double(step) / double(warmup_steps));
    const double top = warmup_steps > 0 ? warmup_target : initial_learning_rate;
    const double done = std::min(1.0, double(step - warmup_steps) / double(decay_steps));
    return float(top * ((1 - alpha) * 0.5 * (1 + std::cos(3.141592653589793 * done)) + alpha));
  }
};

/// values[i] up to and including step boundaries[i], the last value after that. One value more than boundaries.
struct PiecewiseConstantDecay {
  std::vector<std::uint64_t> boundaries;
  std::vector<float> values;

  static constexpr const char* name = "piecewise_constant_decay";
  void numbers(auto& each) const {
    each("boundaries", boundaries);
    each("values", values);
  }
  void check() const {
    if (values.size() != boundaries.size() + 1)
      throw ArgumentError(std::string(name) + ": expected one value more than boundaries, got " +
                          std::to_string(values.size()) + " values and " + std::to_string(boundaries.size()) +
                          " boundaries");
    if (!std::is_sorted(boundaries.begin(), boundaries.end()))
      throw ArgumentError(std::string(name) + ": the boundaries are not in ascending order");
  }
  float at(std::uint64_t step) const {
    std::size_t i = 0;
    while (i < boundaries.size() && step > boundaries[i]) ++i;
    return values[i];
  }
};

/// What an optimizer's `learning_rate` takes: 1e-3f, or one of the schedules above. `step` counts from 0.
struct LearningRate : std::variant<float, ExponentialDecay, CosineDecay, PiecewiseConstantDecay> {
  using Variant = std::variant<float, ExponentialDecay, CosineDecay, PiecewiseConstantDecay>;
  using Variant::Variant;
  LearningRate(double constant) : Variant(float(constant)) {}

  bool is_constant() const { return index() == 0; }
  /// Throws ArgumentError for a rate or a schedule that makes no sense.
  void check() const {
    std::visit(
        [](const auto& rate) {
          if constexpr (requires { rate.check(); })
            rate.check();
          else if (!(rate >= 0 && std::isfinite(rate)))
            throw ArgumentError("expected a learning rate of at least 0, got " + std::to_string(rate));
        },
        static_cast<const Variant&>(*this));
  }
  float at(std::uint64_t step) const {
    return std::visit(
        [step](const auto& rate) {
          if constexpr (requires { rate.at(step); })
            return rate.at(step);
          else
            return rate;
        },
        static_cast<const Variant&>(*this));
  }
};

}  // namespace ferlab
