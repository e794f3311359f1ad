// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
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

  template <class Training>
  void on_train_begin(Training& t) {
    detail::check_monitor(monitor, t, name);
    weight_count = std::remove_reference_t<decltype(t.model)>::Plan::parameter_count;
    best = {};
    wait = 0;
    best_epoch = stopped_epoch = -1;
    weights.clear();
  }
  template <class Training>
  void on_epoch_end(Training& t) {
    if (t.result.epoch < start_from_epoch) return;
    const double value = t.history.value(t.result, monitor);
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
    if (weights.empty() || !t.complete()) return;
    const decltype(t.model.get_weights()) best_weights(weights.begin(), weights.end());
    t.model.set_weights(best_weights);
  }

  static constexpr const char* name = "EarlyStopping";
  std::string identity() const { return monitor.name; }
  void remembers(auto& each) {
    each("best", best.best);
    each("wait", wait, [](int epochs) { return epochs >= 0; });
    each("best_epoch", best_epoch);
    each("stopped_epoch", stopped_epoch);
    each("weights", weights, [this](const auto& all) { return all.empty() || all.size() == weight_count; });
  }

  // What it remembers; double holds a float weight exactly.
  detail::BestSoFar best{};
  int wait = 0, best_epoch = -1, stopped_epoch = -1;
  std::vector<double> weights{};
  std::size_t weight_count = 0;  // of the model
};

}  // namespace ferlab
