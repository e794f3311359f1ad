// SPDX-License-Identifier: MIT
// What callbacks watch.
#include <cmath>

#include "fake_training.hpp"
#include "support/catch.hpp"

using namespace ferlab;
using test::FakeTraining;

namespace {
/// Called as another metric: it is its own type that counts.
struct OtherAccuracy : Accuracy {};
struct TopTwo : Accuracy {
  static constexpr const char* name = "top_2_accuracy";
};
}  // namespace

TEST_CASE("a callback that watches what fit does not measure is refused before the first epoch") {
  FakeTraining t;
  const char* top_two = "EarlyStopping watches val_top_2_accuracy, but fit measures loss, accuracy";
  CHECK_THROWS_WITH((EarlyStopping{.monitor = val(TopTwo{})}.on_train_begin(t)), top_two);
  CHECK_THROWS_AS((ReduceLROnPlateau{.monitor = training(OtherAccuracy{})}.on_train_begin(t)), ArgumentError);
  ModelCheckpoint best{"best", {.monitor = val(TopTwo{}), .save_best_only = true}};
  CHECK_THROWS_WITH(best.on_train_begin(t), Catch::Contains("ModelCheckpoint watches val_top_2_accuracy"));
  t.history.metrics.push_back(detail::metric_info<TopTwo>());
  t.epoch = 0;
  EarlyStopping stopping{.monitor = val(TopTwo{}), .patience = 1};
  CHECK_NOTHROW(stopping.on_train_begin(t));
  t.epoch_with(1, stopping);
  CHECK(std::isnan(stopping.best.best));  // this one's place, not accuracy's
}

TEST_CASE("a history gives its numbers by monitor") {
  FakeTraining t;
  t.epoch_with(0.25);
  CHECK(t.history.value(0, val_loss) == 0.25);
  CHECK(t.history.value(t.history.epochs.back(), val(Accuracy{})) == 0.5);
  CHECK_THROWS_WITH(t.history.value(0, training(TopTwo{})),
                    "the history has no top_2_accuracy; fit measures loss, accuracy");
}
