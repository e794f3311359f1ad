// SPDX-License-Identifier: MIT
// The CPU ops whose limit is memory, at the size of the tutorial net's first block (batch 64): GB/s of what an op must
// read and write at least, and the fraction of what copying memory of that size reaches in the same run. The argument
// is the number of threads. An op that works in place moves less than a copy and may exceed 1.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "ferlab/cpu/adam.hpp"
#include "ferlab/cpu/add.hpp"
#include "ferlab/cpu/average_pool.hpp"
#include "ferlab/cpu/batch_norm_max_pool_dropout.hpp"
#include "ferlab/cpu/copy.hpp"
#include "ferlab/cpu/reductions.hpp"
#include "ferlab/cpu/relu.hpp"

namespace {

using namespace ferlab;

constexpr Pool2DGeometry g{64, 46, 46, 64, 23, 23, 2, 2, 0, 0};
constexpr std::ptrdiff_t rows = std::ptrdiff_t(g.batch) * g.height * g.width, n = rows * g.channels, pooled = n / 4;

struct Data {
  Cpu::Buffer<float> x{n}, y{n}, d{n}, v{n}, channel{std::size_t(8 * g.channels)};
  Cpu::Buffer<float> scratch{batch_norm_scratch_size(On<Cpu>{}, g.channels)};
  Cpu::Buffer<std::uint8_t> argmax{pooled};
  RandomStream stream{.seed = 1};

  Data() {
    for (std::ptrdiff_t i = 0; i < n; ++i) x.data()[i] = d.data()[i] = stream.uniform(std::uint64_t(i)) - 0.5f;
  }
  /// Eight rows of numbers for each channel: gamma, beta, mean, inv_std, moving mean and variance, dgamma, dbeta.
  float* per_channel(int i) { return channel.data() + i * g.channels; }
  BatchStatistics<float> statistics() {
    return {1e-3f, 0.99f, per_channel(2), per_channel(3), per_channel(4), per_channel(5)};
  }
};

Data& data() {
  static Data all;
  return all;
}

/// Bytes a second (read and written) of copying n floats on so many threads, the best of ten.
double copy_speed(int threads) {
  static std::map<int, double> known;
  double& speed = known[threads];
  if (speed > 0) return speed;
  const Cpu cpu(threads);
  for (int i = 0; i < 10; ++i) {
    const auto start = std::chrono::steady_clock::now();
    copy(cpu, n, data().x.data(), data().y.data());
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    speed = std::max(speed, 2.0 * sizeof(float) * n / seconds.count());
  }
  return speed;
}

/// `floats` and `bytes` are what `op` must move at least.
template <class Op>
void measure(benchmark::State& state, double floats, double bytes, const Op& op) {
  const int threads = int(state.range(0));
  const double limit = copy_speed(threads), moved = floats * sizeof(float) + bytes;
  std::fill_n(data().y.data(), n, 0.5f);  // whatever ran before: no NaN, no denormals
  std::fill_n(data().v.data(), n, 0.5f);
  const Cpu cpu(threads);
  for (auto _ : state) {
    op(cpu, data());
    benchmark::ClobberMemory();
  }
  state.counters["GB/s"] = benchmark::Counter(moved * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["of_copy"] = benchmark::Counter(moved / limit, benchmark::Counter::kIsIterationInvariantRate);
}

#define FERLAB_MEMORY_BENCH(name, floats, bytes, ...)                            \
  void name(benchmark::State& state) {                                           \
    measure(state, floats, bytes, [](const Cpu& cpu, Data& o) { __VA_ARGS__; }); \
  }                                                                              \
  BENCHMARK(name)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond)

FERLAB_MEMORY_BENCH(relu_in_place, 2.0 * n, 0, relu_forward(cpu, n, o.y.data(), o.y.data()));
FERLAB_MEMORY_BENCH(relu_backward_in_place, 3.0 * n, 0, relu_backward(cpu, n, o.x.data(), o.y.data(), o.y.data()));
FERLAB_MEMORY_BENCH(add_two, 3.0 * n, 0, add(cpu, n, o.x.data(), o.d.data(), o.y.data()));
FERLAB_MEMORY_BENCH(norm_of_gradients, 1.0 * n, 0, benchmark::DoNotOptimize(squared_norm(cpu, n, o.x.data())));
FERLAB_MEMORY_BENCH(adam, 7.0 * n, 0,
                    adam_step(cpu, n, o.x.data(), o.d.data(), o.y.data(), o.v.data(),
                              {.step_size = 1e-9f, .beta_1 = 0.9f, .beta_2 = 0.999f, .epsilon = 1e-7f}));
FERLAB_MEMORY_BENCH(dropout_in_place, 2.0 * n, 0,
                    dropout_forward(cpu, g.batch, n / g.batch, 0.5f, o.stream, o.y.data(), o.y.data()));
FERLAB_MEMORY_BENCH(batch_norm_training, 3.0 * n, 0,
                    batch_statistics(cpu, rows, g.channels, o.x.data(), o.statistics(), o.scratch.data());
                    batch_norm_forward_training(cpu, rows, g.channels, o.x.data(), o.per_channel(0), o.per_channel(1),
                                                o.per_channel(2), o.per_channel(3), o.y.data(), o.scratch.data()));
FERLAB_MEMORY_BENCH(batch_norm_inference, 2.0 * n, 0,
                    batch_norm_forward_inference(cpu, rows, g.channels, o.x.data(), o.per_channel(0), o.per_channel(1),
                                                 o.per_channel(4), o.per_channel(5), 1e-3f, o.y.data()));
FERLAB_MEMORY_BENCH(batch_norm_backward_in_place, 5.0 * n, 0,
                    batch_norm_backward(cpu, rows, g.channels, o.x.data(), o.y.data(), o.per_channel(0),
                                        o.per_channel(2), o.per_channel(3), o.y.data(), o.per_channel(6),
                                        o.per_channel(7), nullptr, o.scratch.data()));
FERLAB_MEMORY_BENCH(max_pool_training, 1.25 * n, pooled,
                    max_pool_forward(cpu, g, o.x.data(), o.y.data(), o.argmax.data()));
FERLAB_MEMORY_BENCH(max_pool_inference, 1.25 * n, 0, max_pool_forward<float>(cpu, g, o.x.data(), o.y.data(), nullptr));
FERLAB_MEMORY_BENCH(max_pool_gradient, 1.25 * n, pooled,
                    max_pool_backward(cpu, g, o.d.data(), o.argmax.data(), o.y.data()));
FERLAB_MEMORY_BENCH(average_pool, 1.25 * n, 0, average_pool_forward(cpu, g, o.x.data(), o.y.data()));
FERLAB_MEMORY_BENCH(fused_forward, 2.25 * n, pooled,
                    batch_statistics(cpu, rows, g.channels, o.x.data(), o.statistics(), o.scratch.data());
                    batch_norm_max_pool_dropout_forward_training(cpu, g, o.x.data(), o.per_channel(0), o.per_channel(1),
                                                                 o.per_channel(2), o.per_channel(3), 0.5f, o.stream,
                                                                 o.y.data(), o.argmax.data(), o.scratch.data()));
FERLAB_MEMORY_BENCH(fused_backward, 3.5 * n, 2.0 * pooled,
                    batch_norm_max_pool_dropout_backward(cpu, g, o.x.data(), o.d.data(), o.per_channel(0),
                                                         o.per_channel(2), o.per_channel(3), 0.5f, o.stream,
                                                         o.argmax.data(), o.y.data(), o.per_channel(6),
                                                         o.per_channel(7), nullptr, o.scratch.data()));

}  // namespace
