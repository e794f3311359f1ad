// SPDX-License-Identifier: MIT
// Two ways to train: the one that is right by default, and the tutorial's.
#pragma once

#include <ferlab/ferlab.hpp>

#include <string>
#include <utility>

#include "commands.hpp"
#include "data_source.hpp"
#include "parts.hpp"
#include "tutorial_numbers.hpp"

namespace fer2013 {

using namespace ferlab;

/// The official parts, standardized pixels, a learning rate that falls along a cosine; the most accurate epoch is kept,
/// and scored on the rows it was chosen on.
struct DefaultRecipe {
  static constexpr Monitor monitor = val_accuracy;

  static Parts split(const data::Dataset& all, const TrainOptions& options) {
    return official_split(all, is_folder(options));
  }
  static data::Preprocessing preprocessing(const data::Dataset& training) {
    return data::Preprocessing::standardize(training);
  }
  static History fit(auto& model, const TrainOptions& options, const Parts& parts, const FitOptions& fitting,
                     auto&&... callbacks) {
    const auto batch = std::size_t(options.batch_size), batches = (parts.training.size() + batch - 1) / batch;
    LearningRate rate = options.learning_rate;
    if (!options.constant_learning_rate)
      rate = CosineDecay{.initial_learning_rate = options.learning_rate,
                         .decay_steps = std::uint64_t(options.epochs) * batches};
    return ferlab::fit(model, Adam{.learning_rate = rate},
                       CategoricalCrossentropy{.label_smoothing = options.label_smoothing}, parts.training,
                       parts.validation, fitting, std::forward<decltype(callbacks)>(callbacks)...);
  }
  /// The rows that the kept model is scored on, and their name.
  static std::pair<data::Dataset, std::string> scored(const Parts& parts) {
    return {parts.validation, parts.chosen_on};
  }
};

/// The tutorial's to the letter, but for its validation on the test rows.
struct TutorialRecipe {
  static constexpr Monitor monitor = val_loss;

  static Parts split(const data::Dataset& all, const TrainOptions&) { return tutorial_split(all); }
  static data::Preprocessing preprocessing(const data::Dataset&) { return data::Preprocessing::raw(); }
  static History fit(auto& model, const TrainOptions& options, const Parts& parts, const FitOptions& fitting,
                     auto&&... callbacks) {
    using namespace tutorial_numbers;
    return ferlab::fit(model, Adam{.learning_rate = options.learning_rate}, CategoricalCrossentropy{}, parts.training,
                       parts.validation, fitting,
                       ReduceLROnPlateau{.monitor = monitor, .factor = rate_factor, .patience = rate_patience},
                       EarlyStopping{.monitor = monitor, .patience = stop_patience},
                       std::forward<decltype(callbacks)>(callbacks)...);
  }
  static std::pair<data::Dataset, std::string> scored(const Parts& parts) { return {parts.test, "test split"}; }
};

}  // namespace fer2013
