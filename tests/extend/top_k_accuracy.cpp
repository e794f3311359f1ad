// SPDX-License-Identifier: MIT
#include "examples/extend/top_k_accuracy.hpp"

#include "support/gradient_check.hpp"
#include "support/small_run.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using mine::TopKAccuracy;

namespace {
/// y = x.
auto identity() {
  Model model{Sequential{Input<1, 1, 3>{}, Dense<3>{}}, Cpu{1}};
  model.preprocessing = {};
  model.set_weights("dense/kernel", std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  return model;
}
// Label 0 is first, second, third; and second with an equal beside it.
const auto pixels =
    data::Dataset::from_memory({1, 1, 3}, {9, 1, 2, 2, 3, 1, 1, 2, 3, 4, 5, 4}, {0, 0, 0, 0}, {"a", "b", "c"});
}  // namespace

TEST_CASE("a user's metric: numbers by hand") {
  const Metrics all{Accuracy{}, TopKAccuracy<1>{}, TopKAccuracy<2>{}, TopKAccuracy<3>{}};
  const auto score = evaluate(identity(), pixels, CategoricalCrossentropy{}, 3, all);
  CHECK(score.of(Accuracy{}) == 0.25);
  CHECK(score.of(TopKAccuracy<1>{}) == 0.25);
  CHECK(score.of(TopKAccuracy<2>{}) == 0.75);
  CHECK(score.of(TopKAccuracy<3>{}) == 1);

  auto broken = identity();
  broken.set_weights("dense/bias", std::vector<float>{std::nanf(""), 0, 0});
  CHECK(evaluate(broken, pixels, CategoricalCrossentropy{}, 3, all).of(TopKAccuracy<3>{}) == 0);
}

namespace {
/// Notes the metric as a callback sees it.
struct Watch {
  std::vector<double> training, validation;
  void on_epoch_end(const TrainingState& t) {
    training.push_back(t.result.metrics[1]);
    validation.push_back(t.result.val_metrics[1]);
  }
};
}  // namespace

TEST_CASE("a user's metric is in history, and callbacks see it") {
  Model model{test::small_net(), Cpu{2}, {.seed = 3}};
  Watch watch;
  const auto history =
      fit(model, Adam{.learning_rate = 3e-3f}, CategoricalCrossentropy{}, test::bars(120), test::bars(30, 2),
          {.epochs = 6, .batch_size = 16, .progress = Progress::none}, Metrics{Accuracy{}, TopKAccuracy<2>{}}, watch);
  REQUIRE(history.metrics.size() == 2);
  CHECK(history.metrics[1].name == std::string("top_2_accuracy"));
  CHECK(std::string_view(val(TopKAccuracy<2>{}).name) == "val_top_2_accuracy");
  CHECK(val(TopKAccuracy<2>{}).metric == history.metrics[1].type);
  for (const EpochResult& epoch : history.epochs) {
    CHECK(epoch.metrics[1] == watch.training[std::size_t(epoch.epoch)]);
    CHECK(epoch.val_metrics[1] == watch.validation[std::size_t(epoch.epoch)]);
    CHECK(epoch.metrics[1] >= epoch.metrics[0]);
    CHECK(epoch.val_metrics[1] >= epoch.val_metrics[0]);
  }
  CHECK(history.epochs.back().val_metrics[1] > 0.9);
}

TEST_CASE("EarlyStopping and ModelCheckpoint watch a user's metric") {
  Model model{test::small_net(), Cpu{2}, {.seed = 3}};
  const test::TemporaryFolder folder;
  EarlyStopping stopping{.monitor = val(TopKAccuracy<2>{}), .patience = 1};
  const auto history = fit(model, Adam{.learning_rate = 3e-3f}, CategoricalCrossentropy{}, test::bars(120),
                           test::bars(30, 2), {.epochs = 40, .batch_size = 16, .progress = Progress::none},
                           Metrics{Accuracy{}, TopKAccuracy<2>{}}, stopping,
                           ModelCheckpoint{folder / "best-{val_top_2_accuracy:.2f}.safetensors",
                                           {.monitor = val(TopKAccuracy<2>{}), .save_best_only = true}},
                           CSVLogger{folder / "history.csv"});
  CHECK(history.epochs.size() < 40);  // it cannot rise above 1 for ever
  REQUIRE(stopping.best_epoch >= 0);
  double best = 0;
  for (const EpochResult& epoch : history.epochs) best = std::max(best, epoch.val_metrics[1]);
  CHECK(history.epochs[std::size_t(stopping.best_epoch)].val_metrics[1] == best);
  CHECK(test::read_file(folder / "history.csv").find("val_top_2_accuracy") != std::string::npos);
  char name[40];
  std::snprintf(name, sizeof name, "best-%.2f.safetensors", best);
  CHECK(std::filesystem::exists(folder / name));

  // Not among what is measured.
  CHECK_THROWS_AS(fit(model, Adam{}, CategoricalCrossentropy{}, test::bars(30), test::bars(30, 2),
                      {.progress = Progress::none}, EarlyStopping{.monitor = val(TopKAccuracy<3>{})}),
                  ArgumentError);
}
