// SPDX-License-Identifier: MIT
// A step is recorded in two halves, with the exchange between ranks called in between.
#include "cuda_backend/small_trainings.hpp"
#include "cuda_backend/stand_in.hpp"

using namespace small;

namespace {

/// Two numbers in device memory, and the order in which work on them runs.
struct Halves {
  Cuda<Precision::fp32> backend;
  cuda::DeviceBuffer<ops::StepState> state{1};
  cuda::DeviceBuffer<ops::StepMetrics> metrics{1};
  cuda::DeviceBuffer<float> x{1}, y{1};
  detail::StepRunner<Cuda<Precision::fp32>> runner{backend, state.data(), metrics.data()};
  int first_calls = 0, exchanges = 0, second_calls = 0;
  float seen_between = 0;

  /// y += x in the first half, x += y in the second; the exchange adds 100 to y.
  void step(int count) {
    const auto add = [&](float* to, const float* more) {
      kernels::run(backend.stream(), kernels::Add<float>{.count = 1, .a = to, .b = more, .y = to});
    };
    runner.run(
        backend, count, [&] { ++first_calls, add(y.data(), x.data()); },
        [&] {
          ++exchanges;
          copy_to_host(backend, 1, y.data(), &seen_between);
          const float changed = seen_between + 100;
          copy_from_host(backend, 1, &changed, y.data());
        },
        [&] { ++second_calls, add(x.data(), y.data()); });
  }
};

}  // namespace

TEST_CASE("What comes between the halves of a step sees the first, is seen by the second, and is never recorded") {
  Halves all;
  const auto& runtime = stand_in::runtime();
  const int made = runtime.graphs_made, launched = runtime.graphs_launched;
  float x = 1, y = 0;
  copy_from_host(all.backend, 1, &x, all.x.data());
  for (int step = 0; step < 5; ++step) {
    all.step(8);
    y += x;
    CHECK(all.seen_between == y);
    y += 100;
    x += y;
    float found = 0;
    copy_to_host(all.backend, 1, all.x.data(), &found);
    CHECK(found == x);
  }
  CHECK(all.exchanges == 5);
  CHECK(all.first_calls == 2);  // called once, recorded once
  CHECK(all.second_calls == 2);
  CHECK(runtime.graphs_made == made + 2);
  CHECK(runtime.graphs_launched == launched + 2 * 4);
}

TEST_CASE("Each number of samples has its own two halves") {
  Halves all;
  const auto& runtime = stand_in::runtime();
  const int made = runtime.graphs_made;
  for (const int count : {8, 3, 8, 3, 8, 3}) all.step(count);
  CHECK(all.first_calls == 4);
  CHECK(all.second_calls == 4);
  CHECK(all.exchanges == 6);
  CHECK(runtime.graphs_made == made + 4);
}

TEST_CASE("A second half that throws is called anew, not recorded, and the first goes on") {
  Halves all;
  struct Stop {};
  const auto nothing = [] {};
  int first = 0, second = 0;
  const auto step = [&](bool fails) {
    all.runner.run(
        all.backend, 8, [&] { ++first; }, nothing,
        [&] {
          ++second;
          if (fails) throw Stop{};
        });
  };
  CHECK_THROWS_AS(step(true), Stop);  // both called
  CHECK_THROWS_AS(step(true), Stop);  // the first recorded; the second, which made nothing of its plans, called
  step(false);                        // called to its end
  step(false);                        // recorded
  step(false);
  CHECK(first == 2);
  CHECK(second == 4);
}

TEST_CASE("A training's step is one launch for each half, and a step that is called is the step that is replayed") {
  const auto train = noise(24, 1);
  const data::Dataset none;
  const Adam adam{.learning_rate = 1e-2f};
  const CategoricalCrossentropy loss;
  auto& runtime = stand_in::runtime();
  const auto trained = [&](bool anew) {  // anew: every epoch is a training of its own, whose first steps are called
    Model model{small_net(), Cuda<Precision::fp32>{}, ModelOptions{.seed = 3}};
    const SGD sgd{.learning_rate = 0.01f};
    if (anew)
      for (int step = 0; step < 3; ++step) {
        Training t(model, sgd, loss, train, none, 24);
        t.step = std::uint64_t(step), t.epoch = step;
        t.begin_epoch();
        t.train_batch();
        t.synchronize();
      }
    else {
      Training t(model, sgd, loss, train, none, 24);
      for (int step = 0; step < 3; ++step) {
        t.epoch = step, t.batch = 0;
        t.begin_epoch();
        t.train_batch();
      }
      t.synchronize();
    }
    return model.get_weights();
  };
  CHECK(trained(false) == trained(true));

  Model model{small_net(), Cuda{}};
  Training t(model, adam, loss, train, none, 8);
  t.begin_epoch();
  t.train_batch();
  const int made = runtime.graphs_made, launched = runtime.graphs_launched;
  t.train_batch();
  CHECK(runtime.graphs_made == made + 2);
  CHECK(runtime.graphs_launched == launched + 2);
  t.train_batch();
  CHECK(runtime.graphs_made == made + 2);
  CHECK(runtime.graphs_launched == launched + 4);
  t.synchronize();
}
