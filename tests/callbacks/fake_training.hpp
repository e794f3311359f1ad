// SPDX-License-Identifier: MIT
// Feeds a callback a sequence of epoch results without training anything.
#pragma once

#include <ferlab/ferlab.hpp>

#include <vector>

namespace ferlab::test {

struct FakeTraining : TrainingState {
  using Net = decltype(Sequential{Input<1, 1, 2>{}, Dense<2>{}, Softmax{}});
  Model<Net, Cpu> model{Sequential{Input<1, 1, 2>{}, Dense<2>{}, Softmax{}}, Cpu{1}};
  formats::BackgroundWriter files;

  FakeTraining() {
    epochs = 100;
    learning_rate = 1;
    validates = true;
    history.metrics = {detail::metric_info<Accuracy>()};
    model.class_names = {"a", "b"};
  }

  /// One epoch with this val_loss; false once a callback stopped the run.
  template <class... Callbacks>
  bool epoch_with(double value, Callbacks&... callbacks) {
    if (stop) return false;
    model.weights("dense/kernel")[0] = float(epoch);  // so that an epoch can be told by its weights
    model.weights_changed();
    result = {};
    result.epoch = epoch;
    result.loss = result.metrics[0] = 0.5;
    result.val_loss = value;
    result.val_metrics[0] = 0.5;
    result.learning_rate = learning_rate;
    history.epochs.push_back(result);
    (callbacks.on_epoch_end(*this), ...);
    ++epoch;
    return !stop;
  }
};

/// A sequence on which Keras 2.2.4 and 3.16 were run: what follows from it in the tests is what they did.
inline const std::vector<double> plateau{1, .9, .89995, .9, .9, .9, .9, .9, .85, .85, .85, .85, .85, .85, .85};

}  // namespace ferlab::test
