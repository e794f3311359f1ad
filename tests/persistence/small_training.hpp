// SPDX-License-Identifier: MIT
// A training with callbacks that remember all kinds of things, stopped inside an epoch.
#pragma once

#include <memory>
#include <tuple>

#include "persistence/old_run.hpp"
#include "support/small_run.hpp"

namespace ferlab::test {

/// A user's callback; it cannot be copied.
struct Diary {
  std::string title{};
  std::string text{};
  bool open = false;
  std::vector<int> days{};
  std::unique_ptr<int> mine{};

  static constexpr const char* name = "Diary";
  std::string identity() const { return title; }
  void remembers(auto& each) {
    each("text", text);
    each("open", open);
    each("days", days);
  }
};

/// Everything that a resume may change.
struct SmallTraining {
  using Net = decltype(old_net());
  data::Dataset train = old_bars(30, 1), validation = old_bars(9, 2);
  Model<Net, Cpu> model;
  Adam adam{.learning_rate = 3e-2f};
  CategoricalCrossentropy loss{};
  Training<Model<Net, Cpu>, Adam, CategoricalCrossentropy, Accuracy> t;
  EarlyStopping stopping{.monitor = val_accuracy, .restore_best_weights = true};
  ModelCheckpoint first{"first", {.monitor = val_loss, .save_best_only = true}};
  ModelCheckpoint second{"second", {.monitor = val_loss, .save_best_only = true}};
  Diary diary{};

  explicit SmallTraining(std::uint64_t weights)
      : model(old_net(), Cpu{1}, {.seed = weights}), t(model, adam, loss, train, validation, 8) {
    t.epochs = 5;
    t.seed = 5;
    stopping.on_train_begin(t);
  }

  /// One epoch and two batches.
  void run() {
    t.begin_epoch();
    for (int i = 0; i < 4; ++i) t.train_batch();
    t.history.epochs.push_back(t.result);
    t.history.epochs[0].val_loss = 0.25;
    t.epoch = 1;
    t.batch = 0, t.loss_sum = 0, t.seen = 0, t.metric_sums = {};
    t.begin_epoch();
    for (int i = 0; i < 2; ++i) t.train_batch();
    t.learning_rate = 0.125f;  // as a callback changes it
    stopping.best.best = 0.5;
    stopping.weights.assign(model.parameters().size() ? decltype(model)::Plan::parameter_count : 0, 0.75);
    first.best.best = 1, second.best.best = 2;
    diary.text = "a \"b\" / c", diary.open = true, diary.days = {3, 1, 4};
    model.class_names = {"top", "middle", "bottom"};
  }

  auto hooks() { return detail::CallbackList(stopping, first, second, diary); }

  auto everything() {
    SavedState state;
    detail::save_run(t, StateWriter(state));
    detail::save_callbacks(hooks(), StateWriter(state));
    const std::vector<float> moments(t.moments.begin(), t.moments.end());
    return std::tuple{bits(model),         moments,     state.values,     state.arrays, t.epoch, t.batch,
                      model.preprocessing, model.notes, model.class_names};
  }
};

/// Writes a file like `path`, but as `change(tensors, metadata)` wants it.
template <class Change>
void rewrite(const std::string& path, const std::string& to, Change change) {
  const formats::SafetensorsFile file(path);
  auto tensors = file.tensors();
  auto metadata = file.metadata();
  change(tensors, metadata);
  formats::write_safetensors(to, tensors, metadata);
}

}  // namespace ferlab::test
