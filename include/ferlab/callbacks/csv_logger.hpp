// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdio>
#include <string>

#include "ferlab/core/error.hpp"
#include "ferlab/formats/atomic_file.hpp"
#include "ferlab/train/state.hpp"

namespace ferlab {

/// One row an epoch: epoch (from 0), accuracy, learning_rate, loss, val_accuracy, val_loss. As
/// keras.callbacks.CSVLogger. The file is written anew from the history after each epoch, so a resumed run continues it
/// with no row missing or twice.
struct CSVLogger {
  std::string path;

  void on_epoch_end(const TrainingState& t) {
    std::string text = "epoch,accuracy,learning_rate,loss,val_accuracy,val_loss\n";
    for (const EpochResult& r : t.history.epochs) {
      text += std::to_string(r.epoch);
      for (double value : {r.accuracy, double(r.learning_rate), r.loss, r.val_accuracy, r.val_loss}) {
        char number[40];
        std::snprintf(number, sizeof number, ",%.9g", value);
        text += std::isnan(value) ? "," : number;
      }
      text += '\n';
    }
    formats::create_parent_folders(path);
    formats::AtomicFile file(path);
    file.write(text.data(), text.size());
    file.commit();
  }
};

}  // namespace ferlab
