// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "ferlab/formats/event_file.hpp"
#include "ferlab/train/state.hpp"

namespace ferlab {

struct TensorBoardOptions {
  int histogram_freq = 0;  ///< histograms of all weights every so many epochs; 0: none
};

/// Event files that TensorBoard reads, in `folder`/train and `folder`/validation: epoch_loss, epoch_accuracy
/// and those of other metrics, epoch_learning_rate, images_per_second, and on request a histogram of every weight
/// array. As keras.callbacks.TensorBoard.
struct TensorBoard {
  std::string folder;
  TensorBoardOptions options{};

  void on_train_begin(TrainingState&) {
    train = std::make_unique<formats::EventFile>(folder + "/train");
    validation.reset();
  }
  template <class Training>
  void on_epoch_end(Training& t) {
    const EpochResult& r = t.result;
    train->scalar("epoch_loss", r.epoch, r.loss);
    metrics(*train, t, r.metrics);
    train->scalar("epoch_learning_rate", r.epoch, double(r.learning_rate));
    train->scalar("images_per_second", r.epoch, r.images_per_second);
    if (options.histogram_freq > 0 && r.epoch % options.histogram_freq == 0)
      for (std::size_t i = 0; i < t.model.parameters().size(); ++i) {
        const auto weights = t.model.get_weights(i);
        const std::vector<float> values(weights.begin(), weights.end());
        train->histogram(t.model.parameters()[i].name.view(), r.epoch, values);
      }
    train->flush();
    if (std::isnan(r.val_loss)) return;
    if (!validation) validation = std::make_unique<formats::EventFile>(folder + "/validation");
    validation->scalar("epoch_loss", r.epoch, r.val_loss);
    metrics(*validation, t, r.val_metrics);
    validation->flush();
  }

  // Open while training runs.
  std::unique_ptr<formats::EventFile> train{}, validation{};

 private:
  static void metrics(formats::EventFile& file, const TrainingState& t,
                      const std::array<double, ops::max_metrics>& values) {
    for (std::size_t i = 0; i < t.history.metrics.size(); ++i)
      file.scalar(std::string("epoch_") + t.history.metrics[i].name, t.result.epoch, values[i]);
  }
};

}  // namespace ferlab
