// SPDX-License-Identifier: MIT
// fer2013 train: what the words mean. train_net.hpp does it.
#include "commands.hpp"

namespace fer2013 {

int train_compact(const TrainOptions& options);
int train_tutorial(const TrainOptions& options);

namespace {

int default_epochs(const TrainOptions& options) {
  if (options.tutorial) return 100;
  if (options.net == "tutorial") return 60;
  return options.data.empty() ? 12 : 30;  // drawn faces are soon learned
}

}  // namespace

int train(const TrainOptions& given) {
  TrainOptions options = given;
  if (options.tutorial) {
    options.net = "tutorial";
    options.augmentation = false;
    options.label_smoothing = 0;
  }
  const bool compact = options.net == "compact";
  if (options.output.empty()) options.output = "fer2013-" + options.net;
  if (options.epochs == 0) options.epochs = default_epochs(options);
  if (options.learning_rate == 0) options.learning_rate = compact ? 2e-3f : 1e-3f;
  return compact ? train_compact(options) : train_tutorial(options);
}

}  // namespace fer2013
