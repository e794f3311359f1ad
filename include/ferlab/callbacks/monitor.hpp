// SPDX-License-Identifier: MIT
// What ReduceLROnPlateau, EarlyStopping and ModelCheckpoint share: when is a value better than the best so far?
#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "ferlab/core/error.hpp"
#include "ferlab/train/history.hpp"
#include "ferlab/train/state.hpp"

namespace ferlab::detail {

/// Keras's rule: an improvement exceeds the best by more than min_delta, in the monitor's direction. A NaN never does.
class BestSoFar {
 public:
  double best = std::numeric_limits<double>::quiet_NaN();  ///< NaN: nothing seen yet

  bool improves(const Monitor& monitor, double value, double min_delta) {
    if (std::isnan(value)) return false;
    const bool better =
        std::isnan(best) || (monitor.higher_is_better ? value > best + min_delta : value < best - min_delta);
    if (better) best = value;
    return better;
  }
};

/// The monitored value of the epoch that ended. Throws ArgumentError where it needs validation data and there is none.
inline double watched(const Monitor& monitor, const TrainingState& t, const char* callback) {
  const double value = t.result.*monitor.value;
  if (std::isnan(value) && monitor.needs_validation && std::isnan(t.result.val_accuracy))
    throw ArgumentError(std::string(callback) + " watches " + monitor.name + ", but fit was given no validation data");
  return value;
}

}  // namespace ferlab::detail
