// SPDX-License-Identifier: MIT
// From what train and evaluate have at hand to what report.html shows.
#pragma once

#include <ferlab/data/dataset.hpp>
#include <ferlab/train/fit.hpp>

#include <span>
#include <string>
#include <vector>

#include "../commands.hpp"
#include "report.hpp"

namespace fer2013 {

/// `probabilities`: [image][class], of the images of `data`. The first of equals is the prediction.
Score make_score(const ferlab::data::Dataset& data, std::string rows, double loss, double accuracy,
                 std::span<const float> probabilities, const std::vector<std::string>& class_names);

/// What a training knows of itself besides its score.
struct TrainingRun {
  const TrainOptions& options;
  const ferlab::FitOptions& fitting;
  const ferlab::History& history;
  ferlab::Monitor monitor;  ///< of the checkpoint
  std::string chosen_on{};  ///< what the validation rows are called
  std::size_t training_rows = 0, validation_rows = 0, test_rows = 0;
  std::string device{};     ///< "2 threads"
  std::string penalties{};  ///< of L2, in words; empty: none
  double seconds = 0;       ///< of all epochs
};
Report training_report(const TrainingRun& run, Score score, std::vector<ferlab::LayerSummary> layers);

struct EvaluationRun {
  const Common& options;
  std::string net{}, device{};
  double seconds = 0, images_per_second = 0;
};
Report evaluation_report(const EvaluationRun& run, Score score, std::vector<ferlab::LayerSummary> layers);

}  // namespace fer2013
