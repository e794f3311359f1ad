// SPDX-License-Identifier: MIT
// What training measured, epoch by epoch.
#pragma once

#include <limits>
#include <vector>

namespace ferlab {

/// One finished epoch. Losses include L2 penalties, and are means over samples; NaN where there was no validation data.
struct EpochResult {
  int epoch = 0;  ///< from 0
  double loss = 0, accuracy = 0;
  double val_loss = std::numeric_limits<double>::quiet_NaN(), val_accuracy = std::numeric_limits<double>::quiet_NaN();
  float learning_rate = 0;       ///< of the epoch's last step
  double seconds = 0;            ///< training and validation
  double images_per_second = 0;  ///< training only
};

struct History {
  std::vector<EpochResult> epochs;
  bool interrupted = false;  ///< ended by Ctrl-C
};

/// A number of EpochResult that a callback can watch. A typed constant: a misspelt one does not compile.
struct Monitor {
  const char* name;
  double EpochResult::*value;
  bool higher_is_better;
  bool needs_validation;
};
inline constexpr Monitor train_loss{"loss", &EpochResult::loss, false, false};
inline constexpr Monitor train_accuracy{"accuracy", &EpochResult::accuracy, true, false};
inline constexpr Monitor val_loss{"val_loss", &EpochResult::val_loss, false, true};
inline constexpr Monitor val_accuracy{"val_accuracy", &EpochResult::val_accuracy, true, true};

}  // namespace ferlab
