// SPDX-License-Identifier: MIT
// One training step of the tutorial's network on one thread: EigenCpu beside Cpu. bench_eigen is compiled as most users
// compile, bench_eigen_native for this processor, which Eigen needs and Cpu does not.
#include <benchmark/benchmark.h>
#include <ferlab/eigen.hpp>

#include "../examples/fer2013/nets.hpp"
#include "training/noise.hpp"

namespace {

using namespace ferlab;

Cpu on_one_thread(Cpu*) { return Cpu{1}; }
EigenCpu on_one_thread(EigenCpu*) { return {}; }

template <class Backend>
void train_step(benchmark::State& state) {
  const int batch = int(state.range(0));
  const auto images = bench::noise(batch);
  Model model{fer2013::tutorial_net(), on_one_thread(static_cast<Backend*>(nullptr))};
  const Adam adam{.learning_rate = 1e-3f};
  const CategoricalCrossentropy loss;
  Training training(model, adam, loss, images, images, batch);
  for (auto _ : state) {
    training.batch = 0;
    training.begin_epoch();
    training.train_batch();
  }
  state.counters["images/s"] = benchmark::Counter(batch, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_TEMPLATE(train_step, Cpu)->ArgName("batch")->Arg(64)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(train_step, EigenCpu)->ArgName("batch")->Arg(64)->Unit(benchmark::kMillisecond);

}  // namespace
