// SPDX-License-Identifier: MIT
// The tutorial's network on a CUDA device: training steps one after the other as in an epoch (the data set on the
// device, each step one launch), the device waited for at the end. In bfloat16 a step stands beside its floor.
#ifdef FERLAB_WITH_CUDA
#include <benchmark/benchmark.h>
#include <ferlab/cuda.hpp>

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "../examples/fer2013/nets.hpp"
#include "support/device_limits.hpp"
#include "training/noise.hpp"
#include "training/step_floor.hpp"

namespace {

using namespace ferlab;

using Net = decltype(fer2013::tutorial_net());
static_assert(int(bench::step_operations<Net>() / 1e6) == 2355);

/// The step's floor, the longer of its operations at the speed of cuBLAS's large product and its fewest bytes at the
/// speed of copying; and how many floors a step took.
void count_floor(benchmark::State& state, int batch) {
  const double operations = batch * bench::step_operations<Net>() / bench::matrix_speed();
  const double bytes = bench::step_bytes<Net, Cuda<>>(batch) / bench::copy_speed();
  const double floor = std::max(operations, bytes);
  state.counters["floor_ms"] = floor * 1e3;
  state.counters["bytes_of_floor"] = bytes / floor;
  state.counters["over_floor"] =
      benchmark::Counter(floor, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// An iteration is one step.
template <Precision P>
void time_steps(benchmark::State& state, const CudaOptions& options) {
  constexpr int steps = 64;
  const int batch = int(state.range(0));
  static const auto noise = bench::noise(1024 * steps);  // takes a second to draw
  std::vector<std::uint32_t> first(std::size_t(batch) * steps);
  std::iota(first.begin(), first.end(), 0u);
  const auto images = noise.select(first), one = noise.select(std::span(first).first(std::size_t(batch)));
  Model model{fer2013::tutorial_net(), Cuda<P>{options}};
  const Adam adam{.learning_rate = 1e-3f};
  const CategoricalCrossentropy loss;
  Training<decltype(model), Adam, CategoricalCrossentropy, Accuracy> training(model, adam, loss, images, one, batch);
  const auto epoch = [&] {
    training.batch = 0;
    training.begin_epoch();
    for (int i = 0; i < steps; ++i) training.train_batch();
    training.synchronize();
  };
  epoch();
  while (state.KeepRunningBatch(steps)) epoch();
  state.counters["images/s"] = benchmark::Counter(batch, benchmark::Counter::kIsIterationInvariantRate);
  if constexpr (P == Precision::bf16) count_floor(state, batch);
}

void at_each_batch(benchmark::internal::Benchmark* bench) {
  bench->ArgName("batch")->Arg(64)->Arg(256)->Arg(1024)->UseRealTime()->Unit(benchmark::kMillisecond);
}

template <Precision P>
void train_step_on_device(benchmark::State& state) {
  time_steps<P>(state, {});
}
BENCHMARK(train_step_on_device<Precision::bf16>)->Apply(at_each_batch);
BENCHMARK(train_step_on_device<Precision::tf32>)->Apply(at_each_batch);
BENCHMARK(train_step_on_device<Precision::fp32>)->Apply(at_each_batch);

/// With our own convolutions: wherever they can do the shape or, with FERLAB_PLAN_CACHE, where they are the fastest.
void train_step_on_device_own(benchmark::State& state) {
  time_steps<Precision::bf16>(state, {.own_convolutions = true});
}
BENCHMARK(train_step_on_device_own)->Apply(at_each_batch);

/// A picture from the host's memory to its probabilities there.
template <Precision P>
void inference_on_device(benchmark::State& state) {
  const int batch = int(state.range(0));
  Model model{fer2013::tutorial_net(), Cuda<P>{}};
  Workspace workspace(model, batch);
  const auto images = bench::noise(batch);
  std::vector<std::uint8_t> pixels;
  for (std::size_t i = 0; i < images.size(); ++i)
    pixels.insert(pixels.end(), images.image(i).begin(), images.image(i).end());
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
