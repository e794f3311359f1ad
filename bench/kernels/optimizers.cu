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
  DeviceBuffer<StepState> state(1);
  bench::fill(n, w.data());
  bench::fill(n, g.data());
  bench::run_memory_bound(turns, double(n) * (24 + sizeof(G) + 2), [&] {
    kernels::adam<G>(stream, {weights, w.data(), g.data(), copy.data(), {}, 0}, m.data(), v.data(), {}, state.data());
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
  DeviceBuffer<StepState> state(1);
  bench::fill(n, w.data());
  bench::fill(n, g.data());
  bench::run_memory_bound(turns, double(n) * (16 + sizeof(G) + 2), [&] {
    kernels::sgd<G>(stream, {weights, w.data(), g.data(), copy.data(), {}, 0}, velocity.data(), 0.9f, true,
                    state.data());
  });
}
BENCHMARK_TEMPLATE(sgd, float)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(sgd, bfloat16)->UseManualTime()->Unit(benchmark::kMicrosecond);

/// Over all weights, though the tutorial penalises those of its first layer alone.
void add_penalty(benchmark::State& turns) {
  const std::size_t n = weights;
  DeviceBuffer<float> w(n);
  DeviceBuffer<double> scratch(kernels::reduce_scratch_size);
  DeviceBuffer<StepMetrics> metrics(1);
  bench::fill(n, w.data());
  kernels::Penalties penalties;
  penalties.count = 1, penalties.end[0] = weights, penalties.l2[0] = 0.01f;
  bench::run_memory_bound(turns, double(n) * 4, [&] {
    kernels::add_penalty(stream, weights, w.data(), penalties, 64, metrics.data(), scratch.data());
  });
}
BENCHMARK(add_penalty)->UseManualTime()->Unit(benchmark::kMicrosecond);

void clip_by_global_norm(benchmark::State& turns) {
  const std::size_t n = weights;
  DeviceBuffer<float> w(n), g(n);
  DeviceBuffer<double> scratch(kernels::reduce_scratch_size);
  DeviceBuffer<StepState> state(1);
  bench::run_memory_bound(turns, double(n) * 8, [&] {
    kernels::clip_by_global_norm(stream, weights, w.data(), g.data(), {}, 1, state.data(), scratch.data());
  });
}
BENCHMARK(clip_by_global_norm)->UseManualTime()->Unit(benchmark::kMicrosecond);

}  // namespace
