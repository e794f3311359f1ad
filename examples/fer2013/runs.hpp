// SPDX-License-Identifier: MIT
// Trainings that have ended, or are still going on, as their history.csv files tell them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fer2013 {

/// Epoch by epoch; NaN where the file has no number.
struct Run {
  std::vector<double> accuracy, val_accuracy, val_loss;
};

/// Trainings that differ in their seed only.
struct Runs {
  std::string name;  ///< the folder, as it was given
  std::vector<Run> runs;
};

/// The training in `folder`, or those in the folders just below it. Throws ferlab::DataError where there is none or its
/// history.csv is not one that `fer2013 train` wrote, and ferlab::IoError.
Runs read_runs(const std::filesystem::path& folder);

/// The mean of a column by epoch, over all runs, as far as the shortest goes.
std::vector<double> mean_by_epoch(const Runs& runs, std::vector<double> Run::*column);

}  // namespace fer2013
