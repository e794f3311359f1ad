// SPDX-License-Identifier: MIT
#include <csignal>

#include "support/catch.hpp"
#include "support/count_allocations.hpp"
#include "support/small_run.hpp"

using namespace ferlab;
using test::bars;
using test::bits;
using test::small_net;

namespace {
const FitOptions quiet{.epochs = 3, .batch_size = 16, .seed = 5, .progress = Progress::none};

template <class Callback>
auto train(int threads, FitOptions options, Callback&& callback) {
  Model model{small_net(), Cpu{threads}, {.seed = 3}};
  const History history =
      fit(model, Adam{.learning_rate = 3e-3f}, CategoricalCrossentropy{}, bars(100), bars(30, 2), options, callback);
  return std::pair{bits(model), history};
}
struct Nothing {
  void on_epoch_end(TrainingState&) {}
};
}  // namespace

TEST_CASE("fit learns, and reports sample-weighted means") {
  const auto [weights, history] =
      train(2, {.epochs = 12, .batch_size = 16, .seed = 5, .progress = Progress::none}, Nothing{});
  REQUIRE(history.epochs.size() == 12);
  CHECK(history.value(history.epochs.back(), train_accuracy) > 0.9);
  CHECK(history.value(history.epochs.back(), val_accuracy) > 0.9);
  CHECK(history.epochs.back().loss < history.epochs.front().loss / 2);
  CHECK_FALSE(history.interrupted);
}

TEST_CASE("fit allocates nothing after its first step") {
  test::AllocationWatch watch;
  train(2, quiet, watch);
  REQUIRE(watch.after_first > 0);
  CHECK(watch.before_end == watch.after_first);
}

TEST_CASE("the same seed gives the same bits, on any number of threads") {
  const auto once = train(1, quiet, Nothing{}).first;
  for (int threads : {1, 2, 3}) {
    const bool same = once == train(threads, quiet, Nothing{}).first;
    CHECK(same);
  }
  FitOptions other = quiet;
  other.seed = 6;
  const bool other_differs = once != train(1, other, Nothing{}).first;
  CHECK(other_differs);
}

TEST_CASE("fused and unfused training agree") {
  const auto run = [](auto backend) {
    Model model{small_net(), backend, {.seed = 3}};
    fit(model, SGD{.learning_rate = 1e-2f, .momentum = 0.9f}, CategoricalCrossentropy{}, bars(100), quiet);
    return std::vector<float>(model.trainable.begin(), model.trainable.end());
  };
  const auto fused = run(Cpu{2}), unfused = run(Unfused{Cpu{2}});
  REQUIRE(fused.size() == unfused.size());
  for (std::size_t i = 0; i < fused.size(); ++i) CHECK(fused[i] == Approx(unfused[i]).epsilon(1e-4).margin(1e-5));
}

TEST_CASE("a loss that is not a number stops with the weights as they were") {
  Model model{small_net(), Cpu{1}};
  model.weights("dense_1/bias")[0] = std::numeric_limits<float>::quiet_NaN();
  model.weights_changed();
  const auto before = std::vector<float>(model.trainable.begin(), model.trainable.end());
  try {
    fit(model, Adam{}, CategoricalCrossentropy{}, bars(20), quiet);
    FAIL("no error");
  } catch (const TrainingError& e) {
    CHECK(std::string(e.what()).find("epoch 1, batch 1 of 2") != std::string::npos);
  }
  CHECK(std::memcmp(before.data(), model.trainable.data(), before.size() * sizeof(float)) == 0);
}

TEST_CASE("Ctrl-C ends after the batch, and the next run goes on") {
  struct Interrupt {
    std::uint64_t at;
    void on_train_batch_end(const TrainingState& t) {
      if (t.step == at) std::raise(SIGINT);
    }
  };
  Model model{small_net(), Cpu{1}};
  const History history = fit(model, Adam{}, CategoricalCrossentropy{}, bars(100), quiet, Interrupt{9});
  CHECK(history.interrupted);
  CHECK(history.epochs.size() == 1);  // 7 batches an epoch: it stopped in the second
}

namespace {

template <class Optimizer>
std::string refusal(float rate, float epsilon, const Optimizer& optimizer, float label_smoothing) {
  try {
    Model model{
        Sequential{Input<12, 12, 1>{}, BatchNorm{.epsilon = epsilon}, Dropout{rate}, Flatten{}, Dense<3>{}, Softmax{}},
        Cpu{1}};
    fit(model, optimizer, CategoricalCrossentropy{label_smoothing}, bars(9), quiet);
    return "";
  } catch (const ArgumentError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a number out of its range is refused by its name, and by the layer's") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(refusal(0, 0, Adam{.beta_1 = 0, .epsilon = 0}, 1) == "");
  CHECK(refusal(1, 0, Adam{}, 0) == "layer 2 (dropout): expected rate from 0 to below 1, got 1");
  CHECK(refusal(-0.5f, 0, Adam{}, 0) == "layer 2 (dropout): expected rate from 0 to below 1, got -0.5");
  CHECK(refusal(0, -1, Adam{}, 0) == "layer 1 (batch_norm): expected epsilon of at least 0, got -1");
  CHECK(refusal(0, 0, Adam{.beta_2 = 1}, 0) == "the optimizer: expected beta_2 from 0 to below 1, got 1");
  CHECK(refusal(0, 0, SGD{.momentum = 1.5f}, 0) == "the optimizer: expected momentum from 0 to 1, got 1.5");
  CHECK(refusal(0, 0, SGD{.weight_decay = nan}, 0) == "the optimizer: expected weight_decay of at least 0, got nan");
  CHECK(refusal(0, 0, SGD{}, 1.5f) == "the loss: expected label_smoothing from 0 to 1, got 1.5");
  CHECK(refusal(0, 0, SGD{.learning_rate = -1}, 0) == "expected a learning rate of at least 0, got -1.000000");
}

TEST_CASE("data that does not fit is refused before anything happens") {
  Model model{small_net(), Cpu{1}};
  const auto before = bits(model);
  const auto wide = data::Dataset::from_memory({12, 13, 1}, std::vector<std::uint8_t>(156), {0}, {"a"});
  const auto many = data::Dataset::from_memory({12, 12, 1}, std::vector<std::uint8_t>(144), {0}, {"a", "b", "c", "d"});
  const auto blank = data::Dataset::from_memory({12, 12, 1}, std::vector<std::uint8_t>(144), {data::no_label}, {"a"});
  CHECK_THROWS_AS(fit(model, Adam{}, CategoricalCrossentropy{}, wide, quiet), ArgumentError);
  CHECK_THROWS_AS(fit(model, Adam{}, CategoricalCrossentropy{}, many, quiet), ArgumentError);
  CHECK_THROWS_AS(fit(model, Adam{}, CategoricalCrossentropy{}, blank, quiet), DataError);
  CHECK_THROWS_AS(fit(model, Adam{}, CategoricalCrossentropy{}, data::Dataset{}, quiet), ArgumentError);
  CHECK_THROWS_AS(fit(model, Adam{}, CategoricalCrossentropy{}, bars(9), FitOptions{.epochs = 0}), ArgumentError);
  CHECK_THROWS_AS(evaluate(model, wide), ArgumentError);
  const bool unchanged = before == bits(model);
  CHECK(unchanged);
}

TEST_CASE("global_clipnorm limits the step, penalties counted") {
  Model clipped{small_net(), Cpu{1}}, free{small_net(), Cpu{1}};
  const auto start = std::vector<float>(clipped.trainable.begin(), clipped.trainable.end());
  const FitOptions once{.epochs = 1, .batch_size = 100, .progress = Progress::none};
  const auto moved = [&](auto& model) {
    double squares = 0;
    for (std::size_t i = 0; i < start.size(); ++i) squares += std::pow(double(model.trainable.data()[i]) - start[i], 2);
    return std::sqrt(squares);
  };
  fit(clipped, SGD{.learning_rate = 1.0f, .global_clipnorm = 0.01f}, CategoricalCrossentropy{}, bars(100), once);
  fit(free, SGD{.learning_rate = 1.0f}, CategoricalCrossentropy{}, bars(100), once);
  CHECK(moved(free) > 0.02);
  CHECK(moved(clipped) == Approx(0.01).epsilon(1e-3));
}
