// SPDX-License-Identifier: MIT
// Where training stands: all that a callback may read, and the little it may change.
#pragma once

#include <cstdint>
#include <string>

#include "ferlab/train/history.hpp"

namespace ferlab {

struct TrainingState {
  int epochs = 0;           ///< wanted
  int epoch = 0;            ///< running, from 0
  int batches = 0;          ///< in each epoch
  int batch = 0;            ///< finished in this epoch
  int batch_size = 0;       ///< the last batch of an epoch may be smaller
  std::uint64_t step = 0;   ///< optimizer steps finished since the beginning
  std::uint64_t seed = 0;   ///< of shuffles and dropout
  int rank = 0, ranks = 1;  ///< of a distributed run: which one this is, of how many; one so far

  /// In force. A callback may change it, unless `scheduled`: then the schedule sets it before every step.
  float learning_rate = 0;
  bool scheduled = false;

  double loss_sum = 0;  ///< of this epoch so far, weighted by samples, penalties included
  std::array<double, ops::max_metrics> metric_sums{};  ///< of this epoch so far, in the order of history.metrics
  std::int64_t seen = 0;                               ///< samples of this epoch so far
  EpochResult result{};                                ///< of this epoch so far; complete when on_epoch_end is called

  bool validates = false;  ///< is there validation data?

  History history{};         ///< finished epochs; on_epoch_end finds its own epoch at the back
  bool stop = false;         ///< set by a callback: training ends after this epoch
  bool interrupted = false;  ///< Ctrl-C arrived: training ends after this batch, or after this epoch if it was the last

  /// In on_settled and on_train_end: nothing is left to train, of what was wanted or until a callback ended it.
  bool complete() const { return epoch >= epochs || (stop && batch == 0); }
  /// In on_settled: no batch follows in this run.
  bool ends() const { return interrupted || complete(); }
};

}  // namespace ferlab
