// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdio>
#include <map>
#include <string>

#include "ferlab/core/error.hpp"
#include "ferlab/formats/atomic_file.hpp"
#include "ferlab/train/state.hpp"

namespace ferlab {

/// One row an epoch: epoch (from 0), then learning_rate, loss, val_loss and each metric with its val_ in alphabetical
/// order: as keras.callbacks.CSVLogger. The file is written anew from the history after each epoch, so a resumed run
/// continues it with no row missing or twice.
struct CSVLogger {
  std::string path;

  void on_epoch_end(const TrainingState& t) {
    using Row = std::map<std::string, double>;
    const auto row = [&](const EpochResult& r) {
      Row values{{"learning_rate", double(r.learning_rate)}, {"loss", r.loss}, {"val_loss", r.val_loss}};
      for (std::size_t i = 0; i < t.history.metrics.size(); ++i) {
        const std::string metric = t.history.metrics[i].name;
        values[metric] = r.metrics[i];
        values["val_" + metric] = r.val_metrics[i];
      }
      return values;
    };
    std::string text = "epoch";
    for (const auto& [name, value] : row({})) text += "," + name;
    text += '\n';
    for (const EpochResult& r : t.history.epochs) {
      text += std::to_string(r.epoch);
      for (const auto& [name, value] : row(r)) {
        char number[40];
        std::snprintf(number, sizeof number, ",%.9g", value);
        text += std::isnan(value) ? "," : number;
      }
      text += '\n';
    }
    formats::write_file(path, text);
  }
};

}  // namespace ferlab
