// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>

#include "ferlab/callbacks/monitor.hpp"

namespace ferlab {

/// Multiplies the learning rate by `factor` when the monitored value has not improved for `patience` epochs, then rests
/// for `cooldown` epochs. As keras.callbacks.ReduceLROnPlateau; refuses, as there, an optimizer with a schedule.
struct ReduceLROnPlateau {
  Monitor monitor = val_loss;
  float factor = 0.1f;
  int patience = 10;
  float min_delta = 1e-4f;
  int cooldown = 0;
  float min_lr = 0;

  void on_train_begin(TrainingState& t) {
    if (t.scheduled)
      throw ArgumentError("ReduceLROnPlateau needs a constant learning rate, the optimizer has a schedule");
    if (!(factor > 0 && factor < 1))
      throw ArgumentError("ReduceLROnPlateau: expected a factor between 0 and 1, got " + std::to_string(factor));
    detail::check_monitor(monitor, t, name);
    best = {};
    wait = cooling = 0;
  }
  void on_epoch_end(TrainingState& t) {
    const double value = t.history.value(t.result, monitor);
    if (cooling > 0) {
      --cooling;
      wait = 0;
    }
    if (best.improves(monitor, value, min_delta)) {
      wait = 0;
    } else if (cooling == 0 && ++wait >= patience && t.learning_rate > min_lr) {
      t.learning_rate = std::max(t.learning_rate * factor, min_lr);
      cooling = cooldown;
      wait = 0;
    }
  }

  static constexpr const char* name = "ReduceLROnPlateau";
  std::string identity() const { return monitor.name; }
  void remembers(auto& each) {
    const auto not_negative = [](int epochs) { return epochs >= 0; };
    each("best", best.best);
    each("wait", wait, not_negative);
    each("cooling", cooling, not_negative);
  }

  // What it remembers.
  detail::BestSoFar best{};
  int wait = 0, cooling = 0;
};

}  // namespace ferlab
