// SPDX-License-Identifier: MIT
// The tutorial's network whole: one training step (assemble the batch, forward, loss, backward, Adam), and inference.
#include <benchmark/benchmark.h>
#include <ferlab/ferlab.hpp>

#include <algorithm>
#include <vector>

#include "../examples/fer2013/nets.hpp"
#include "training/noise.hpp"

namespace {

using namespace ferlab;
using bench::noise;

void images_a_second(benchmark::State& state, int batch) {
  state.counters["images/s"] = benchmark::Counter(batch, benchmark::Counter::kIsIterationInvariantRate);
}

void train_step(benchmark::State& state) {
  const int batch = int(state.range(0)), threads = int(state.range(1));
  const auto images = noise(batch);
  Model model{fer2013::tutorial_net(), Cpu{threads}};
  const Adam adam{.learning_rate = 1e-3f};
  const CategoricalCrossentropy loss;
  Training<decltype(model), Adam, CategoricalCrossentropy, Accuracy> training(model, adam, loss, images, images, batch);
  for (auto _ : state) {
    training.batch = 0;
    training.begin_epoch();
    training.train_batch();
  }
  images_a_second(state, batch);
}
BENCHMARK(train_step)
    ->ArgNames({"batch", "threads"})
    ->ArgsProduct({{64}, {1, 2}})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// From values that stand where the network reads them.
void inference(benchmark::State& state) {
  const int batch = int(state.range(0)), threads = int(state.range(1));
  Model model{fer2013::tutorial_net(), Cpu{threads}};
  using M = decltype(model);
  detail::Execution<M, detail::Prediction<M::Network>> prediction;
  prediction.tune(model.net);
  auto work = detail::WorkMemory<M>::for_programs<decltype(prediction)::Program>(batch);
  const auto memory = prediction.memory(model, work, batch);
  const std::vector<float> images(std::size_t(batch) * 48 * 48, 0.25f);
  for (auto _ : state) {
    std::copy(images.begin(), images.end(), prediction.input());
    prediction.prepare(model, work, memory);
    prediction.run(model, ops::Section::forward, memory);
    benchmark::DoNotOptimize(prediction.output());
  }
  images_a_second(state, batch);
}
BENCHMARK(inference)
    ->ArgNames({"batch", "threads"})
    ->ArgsProduct({{1, 64}, {1, 2}})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
