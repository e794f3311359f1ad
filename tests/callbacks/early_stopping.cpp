// SPDX-License-Identifier: MIT
#include "fake_training.hpp"
#include "support/catch.hpp"

using namespace ferlab;
using test::FakeTraining;

namespace {
int stopped_at(EarlyStopping& callback, const std::vector<double>& values, FakeTraining& t) {
  callback.on_train_begin(t);
  for (double value : values)
    if (!t.epoch_with(value, callback)) break;
  t.epochs = t.epoch;
  callback.on_train_end(t);
  return callback.stopped_epoch;
}
const double nan_value = std::numeric_limits<double>::quiet_NaN();
}  // namespace

TEST_CASE("EarlyStopping stops where Keras does") {
  FakeTraining t;
  EarlyStopping callback{.monitor = val_loss, .patience = 3};
  CHECK(stopped_at(callback, test::plateau, t) == 5);
  CHECK(callback.best_epoch == 2);
  CHECK(t.model.weights("dense/kernel")[0] == 5);  // the last weights, as nobody asked for the best
}

TEST_CASE("EarlyStopping with min_delta and start_from_epoch") {
  FakeTraining t, late;
  EarlyStopping strict{.monitor = val_loss, .min_delta = 0.2f, .patience = 2};
  CHECK(stopped_at(strict, {1, .9, .85, .5, .4}, t) == 2);
  EarlyStopping patient{.monitor = val_loss, .patience = 1, .start_from_epoch = 3};
  CHECK(stopped_at(patient, {1, 2, 3, 4, 5, 6}, late) == 4);
}

TEST_CASE("EarlyStopping gives the best weights back, stopped early or not") {
  FakeTraining stopped, finished;
  EarlyStopping callback{.monitor = val_loss, .patience = 2, .restore_best_weights = true};
  CHECK(stopped_at(callback, {1, .5, .6, .7, .1}, stopped) == 3);
  CHECK(stopped.model.weights("dense/kernel")[0] == 1);
  EarlyStopping never{.monitor = val_loss, .patience = 9, .restore_best_weights = true};
  CHECK(stopped_at(never, {1, .5, .6}, finished) == -1);
  CHECK(finished.model.weights("dense/kernel")[0] == 1);
  FakeTraining interrupted;  // it will go on: with its last weights
  EarlyStopping asked{.monitor = val_loss, .patience = 9, .restore_best_weights = true};
  asked.on_train_begin(interrupted);
  for (double value : {1.0, .5, .6}) interrupted.epoch_with(value, asked);
  asked.on_train_end(interrupted);
  CHECK(interrupted.model.weights("dense/kernel")[0] == 2);
}

TEST_CASE("EarlyStopping: a NaN is never an improvement, not even first") {
  FakeTraining t;
  EarlyStopping callback{.monitor = val_loss, .patience = 3};
  CHECK(stopped_at(callback, {nan_value, .9, .8, nan_value, nan_value, nan_value}, t) == 5);
  CHECK(callback.best_epoch == 2);
}

TEST_CASE("EarlyStopping remembers over a stop, weights included") {
  EarlyStopping first{.monitor = val_loss, .patience = 3, .restore_best_weights = true};
  FakeTraining t;
  first.on_train_begin(t);
  for (double value : {1.0, .5, .6}) t.epoch_with(value, first);
  SavedState saved;
  detail::save_callbacks(detail::CallbackList(first), StateWriter(saved));
  EarlyStopping second{.monitor = val_loss, .patience = 3, .restore_best_weights = true};
  second.on_train_begin(t);
  const detail::CallbackList hooks(second);
  detail::ParsedCallbacks(hooks, StateReader(saved)).commit(hooks);
  t.epoch_with(.7, second);
  CHECK_FALSE(t.epoch_with(.8, second));
  second.on_train_end(t);
  CHECK(t.model.weights("dense/kernel")[0] == 1);
}
