// SPDX-License-Identifier: MIT
#include "fake_training.hpp"
#include "support/catch.hpp"

using namespace ferlab;
using test::FakeTraining;

namespace {
/// The epochs (from 0) at whose end the rate fell.
std::vector<int> reductions(ReduceLROnPlateau callback, const std::vector<double>& values) {
  FakeTraining t;
  callback.on_train_begin(t);
  std::vector<int> at;
  for (double value : values) {
    const float before = t.learning_rate;
    t.epoch_with(value, callback);
    if (t.learning_rate < before) at.push_back(t.epoch - 1);
  }
  return at;
}
}  // namespace

TEST_CASE("ReduceLROnPlateau reduces where Keras does") {
  CHECK(reductions({.monitor = val_loss, .factor = 0.9f, .patience = 3}, test::plateau) ==
        std::vector<int>{4, 7, 11, 14});
  CHECK(reductions({.monitor = val_loss, .factor = 0.9f, .patience = 3, .cooldown = 2}, test::plateau) ==
        std::vector<int>{4, 11});
}

TEST_CASE("ReduceLROnPlateau multiplies, and stops at min_lr") {
  ReduceLROnPlateau callback{.monitor = val_loss, .factor = 0.5f, .patience = 1, .min_lr = 0.3f};
  FakeTraining t;
  callback.on_train_begin(t);
  t.epoch_with(1, callback);
  CHECK(t.learning_rate == 1.0f);
  t.epoch_with(1, callback);
  CHECK(t.learning_rate == 0.5f);
  t.epoch_with(1, callback);
  CHECK(t.learning_rate == 0.3f);
  t.epoch_with(1, callback);
  CHECK(t.learning_rate == 0.3f);
}

TEST_CASE("ReduceLROnPlateau watches upward where more is better") {
  ReduceLROnPlateau callback{.monitor = val_accuracy, .factor = 0.5f, .patience = 1};
  FakeTraining t;
  callback.on_train_begin(t);
  t.epoch_with(1, callback);  // val_accuracy stays 0.5
  t.epoch_with(0, callback);
  CHECK(t.learning_rate == 0.5f);
}

TEST_CASE("ReduceLROnPlateau says what it cannot do") {
  FakeTraining t;
  t.scheduled = true;
  CHECK_THROWS_WITH(ReduceLROnPlateau{}.on_train_begin(t), Catch::Contains("schedule"));
  t.scheduled = false;
  CHECK_THROWS_AS(ReduceLROnPlateau{.factor = 1.5f}.on_train_begin(t), ArgumentError);
  t.validates = false;
  CHECK_THROWS_WITH(ReduceLROnPlateau{}.on_train_begin(t),
                    "ReduceLROnPlateau watches val_loss, but fit was given no validation data");
  CHECK_NOTHROW(ReduceLROnPlateau{.monitor = train_accuracy}.on_train_begin(t));
}

TEST_CASE("ReduceLROnPlateau remembers over a stop") {
  for (std::size_t stop = 0; stop < test::plateau.size(); ++stop) {
    ReduceLROnPlateau first{.monitor = val_loss, .factor = 0.9f, .patience = 3, .cooldown = 2};
    FakeTraining t;
    first.on_train_begin(t);
    for (std::size_t i = 0; i < stop; ++i) t.epoch_with(test::plateau[i], first);
    SavedState saved;
    detail::save_callbacks(detail::CallbackList(first), StateWriter(saved));
    ReduceLROnPlateau second{.monitor = val_loss, .factor = 0.9f, .patience = 3, .cooldown = 2};
    second.on_train_begin(t);
    const detail::CallbackList hooks(second);
    detail::ParsedCallbacks(hooks, StateReader(saved)).commit(hooks);
    for (std::size_t i = stop; i < test::plateau.size(); ++i) t.epoch_with(test::plateau[i], second);
    CHECK(t.learning_rate == 1.0f * 0.9f * 0.9f);
  }
}
