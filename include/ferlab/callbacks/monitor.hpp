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

/// Throws ArgumentError where this fit does not measure what `callback` watches.
[[gnu::cold]] inline void check_monitor(const Monitor& monitor, const TrainingState& t, const char* callback) {
  const std::string watches = std::string(callback) + " watches " + monitor.name + ", but fit ";
  if (!t.history.has(monitor)) throw ArgumentError(watches + "measures " + t.history.names());
  if (monitor.needs_validation && !t.validates) throw ArgumentError(watches + "was given no validation data");
}

}  // namespace ferlab::detail
