// SPDX-License-Identifier: MIT
// The passes over all weights of the tutorial's net.
#include "device_bench.cuh"
#include "kernels/optimizers.cuh"

namespace {

using namespace ferlab;
using bench::DeviceBuffer;

constexpr cudaStream_t stream = nullptr;

constexpr std::ptrdiff_t weights = 5'905'920;  // the tutorial's net, padded

template <class G>
void adam(benchmark::State& turns) {
  const std::size_t n = weights;
  DeviceBuffer<float> w(n), m(n), v(n);
  DeviceBuffer<G> g(n);
  DeviceBuffer<bfloat16> copy(n);
  DeviceBuffer<ops::StepState> state(1);
  bench::fill(n, w.data());
  bench::fill(n, g.data());
  bench::run_memory_bound(turns, double(n) * (24 + sizeof(G) + 2), [&] {
    kernels::run(stream, kernels::Adam<G>{.count = weights,
                                          .weights = w.data(),
                                          .gradients = g.data(),
                                          .copy = copy.data(),
                                          .momentum = m.data(),
                                          .velocity = v.data(),
                                          .state = state.data()});
  });
}
BENCHMARK_TEMPLATE(adam, float)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(adam, bfloat16)->UseManualTime()->Unit(benchmark::kMicrosecond);

template <class G>
void sgd(benchmark::State& turns) {
  const std::size_t n = weights;
  DeviceBuffer<float> w(n), velocity(n);
  DeviceBuffer<G> g(n);
  DeviceBuffer<bfloat16> copy(n);
  DeviceBuffer<ops::StepState> state(1);
  bench::fill(n, w.data());
  bench::fill(n, g.data());
  bench::run_memory_bound(turns, double(n) * (16 + sizeof(G) + 2), [&] {
    kernels::run(stream, kernels::SGD<G>{.count = weights,
                                         .weights = w.data(),
                                         .gradients = g.data(),
                                         .copy = copy.data(),
                                         .velocity = velocity.data(),
                                         .momentum = 0.9f,
                                         .nesterov = true,
                                         .state = state.data()});
  });
}
BENCHMARK_TEMPLATE(sgd, float)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(sgd, bfloat16)->UseManualTime()->Unit(benchmark::kMicrosecond);

/// Over all weights, though the tutorial penalises those of its first layer alone.
void add_penalties(benchmark::State& turns) {
  const std::size_t n = weights;
  DeviceBuffer<float> w(n);
  DeviceBuffer<double> scratch(kernels::reduce_scratch_size());
  DeviceBuffer<ops::StepMetrics> metrics(1);
  bench::fill(n, w.data());
  kernels::Penalties penalties;
  penalties.count = 1, penalties.end[0] = weights, penalties.l2[0] = 0.01f;
  bench::run_memory_bound(turns, double(n) * 4, [&] {
    kernels::run(stream, kernels::AddPenalties{.count = weights,
                                               .weights = w.data(),
                                               .penalties = penalties,
                                               .samples = 64,
                                               .metrics = metrics.data(),
                                               .scratch = scratch.data()});
  });
}
BENCHMARK(add_penalties)->UseManualTime()->Unit(benchmark::kMicrosecond);

void clip_by_global_norm(benchmark::State& turns) {
  const std::size_t n = weights;
  DeviceBuffer<float> w(n), g(n);
  DeviceBuffer<double> scratch(kernels::reduce_scratch_size());
  DeviceBuffer<ops::StepState> state(1);
  bench::run_memory_bound(turns, double(n) * 8, [&] {
    kernels::run(stream, kernels::ClipByGlobalNorm<float>{.count = weights,
                                                          .weights = w.data(),
                                                          .gradients = g.data(),
                                                          .clipnorm = 1,
                                                          .state = state.data(),
                                                          .scratch = scratch.data()});
  });
}
BENCHMARK(clip_by_global_norm)->UseManualTime()->Unit(benchmark::kMicrosecond);

}  // namespace
