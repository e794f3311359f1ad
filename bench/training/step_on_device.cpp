// SPDX-License-Identifier: MIT
// The tutorial's network on a CUDA device: training steps one after the other as in an epoch (the data set on the
// device, each step one launch), the device waited for at the end.
#ifdef FERLAB_WITH_CUDA
#include <benchmark/benchmark.h>
#include <ferlab/cuda.hpp>

#include "../examples/fer2013/nets.hpp"
#include "training/noise.hpp"

namespace {

using namespace ferlab;

/// An iteration is one step.
template <Precision P>
void train_step_on_device(benchmark::State& state) {
  constexpr int steps = 64;
  const int batch = int(state.range(0));
  const auto images = bench::noise(batch * steps), one = bench::noise(batch);
  Model model{fer2013::tutorial_net(), Cuda<P>{}};
  const Adam adam{.learning_rate = 1e-3f};
  const CategoricalCrossentropy loss;
  Training training(model, adam, loss, images, one, batch);
  const auto epoch = [&] {
    training.batch = 0;
    training.begin_epoch();
    for (int i = 0; i < steps; ++i) training.train_batch();
    training.synchronize();
  };
  epoch();
  while (state.KeepRunningBatch(steps)) epoch();
  state.counters["images/s"] = benchmark::Counter(batch, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(train_step_on_device<Precision::bf16>)
    ->ArgName("batch")
    ->Arg(64)
    ->Arg(256)
    ->Arg(1024)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(train_step_on_device<Precision::tf32>)
    ->ArgName("batch")
    ->Arg(64)
    ->Arg(256)
    ->Arg(1024)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(train_step_on_device<Precision::fp32>)
    ->ArgName("batch")
    ->Arg(64)
    ->Arg(256)
    ->Arg(1024)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// A picture from the host's memory to its probabilities there.
template <Precision P>
void inference_on_device(benchmark::State& state) {
  const int batch = int(state.range(0));
  Model model{fer2013::tutorial_net(), Cuda<P>{}};
  Workspace workspace(model, batch);
  const std::vector<std::uint8_t> pixels(std::size_t(batch) * 48 * 48, 60);
  for (auto _ : state) benchmark::DoNotOptimize(predict(model, workspace, pixels, batch).data());
  state.counters["images/s"] = benchmark::Counter(batch, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(inference_on_device<Precision::bf16>)
    ->ArgName("batch")
    ->Arg(1)
    ->Arg(64)
    ->Arg(1024)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
#endif
