// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "ferlab/callbacks/monitor.hpp"

namespace ferlab {

/// Ends training when the monitored value has not improved for `patience` epochs; with restore_best_weights the model
/// then, or when the epochs run out, gets the weights of its best epoch back. As keras.callbacks.EarlyStopping (Keras
/// 3), but a NaN is never an improvement, not even in the first epoch.
struct EarlyStopping {
  Monitor monitor = val_loss;
  float min_delta = 0;
  int patience = 0;
  bool restore_best_weights = false;
  int start_from_epoch = 0;

  void on_train_begin(TrainingState&) {
    best = {};
    wait = 0;
    best_epoch = stopped_epoch = -1;
    weights.clear();
  }
  template <class Training>
  void on_epoch_end(Training& t) {
    if (t.result.epoch < start_from_epoch) return;
    const double value = detail::watched(monitor, t, "EarlyStopping");
    if (best.improves(monitor, value, min_delta)) {
      wait = 0;
      best_epoch = t.result.epoch;
      if (restore_best_weights) {
        const auto all = t.model.get_weights();
        weights.assign(all.begin(), all.end());
      }
    } else if (++wait >= patience && t.result.epoch > 0) {
      t.stop = true;
      stopped_epoch = t.result.epoch;
    }
  }
  template <class Training>
  void on_train_end(Training& t) {
    if (weights.empty() || t.interrupted) return;
    const decltype(t.model.get_weights()) best_weights(weights.begin(), weights.end());
    t.model.set_weights(best_weights);
  }
  void save(const auto& writer) const {
    writer.put("best", best.best);
    writer.put("wait", wait);
    writer.put("best_epoch", best_epoch);
    writer.put("stopped_epoch", stopped_epoch);
    if (!weights.empty()) writer.put("weights", std::span<const double>(weights));
  }
  void load(const auto& reader) {
    best.best = reader.template get<double>("best");
    wait = reader.template get<int>("wait");
    best_epoch = reader.template get<int>("best_epoch");
    stopped_epoch = reader.template get<int>("stopped_epoch");
    weights = reader.has("weights") ? reader.template get_array<double>("weights") : std::vector<double>{};
  }

  // What it remembers; double holds a float weight exactly.
  detail::BestSoFar best{};
  int wait = 0, best_epoch = -1, stopped_epoch = -1;
  std::vector<double> weights{};
};

}  // namespace ferlab
