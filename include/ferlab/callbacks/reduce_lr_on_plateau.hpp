// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

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
    best = {};
    wait = cooling = 0;
  }
  void on_epoch_end(TrainingState& t) {
    const double value = detail::watched(monitor, t, "ReduceLROnPlateau");
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
  void save(const auto& writer) const {
    writer.put("best", best.best);
    writer.put("wait", wait);
    writer.put("cooling", cooling);
  }
  void load(const auto& reader) {
    best.best = reader.template get<double>("best");
    wait = reader.template get<int>("wait");
    cooling = reader.template get<int>("cooling");
  }

  // What it remembers.
  detail::BestSoFar best{};
  int wait = 0, cooling = 0;
};

}  // namespace ferlab
