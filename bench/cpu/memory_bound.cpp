// SPDX-License-Identifier: MIT
// The CPU ops whose limit is memory, at the size of the tutorial net's first block (batch 64): GB/s of what an op must
// read and write at least, and the fraction of what copying memory of that size reaches in the same run. The argument
// is the number of threads. An op that works in place moves less than a copy and may exceed 1.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "ferlab/cpu/cpu.hpp"
#include "support/op_operands.hpp"

namespace {

using namespace ferlab;

constexpr ops::Pool2DGeometry g{64, 46, 46, 64, 23, 23, 2, 2, 0, 0};
constexpr Shape image{g.height, g.width, g.channels}, half{g.out_height, g.out_width, g.channels};
constexpr std::size_t channels = std::size_t(g.channels);
constexpr std::ptrdiff_t n = std::ptrdiff_t(g.batch) * std::ptrdiff_t(image.size()), pooled = n / 4;

/// Bytes a second (read and written) of copying n floats on so many threads, the best of ten.
double copy_speed(int threads) {
  static std::map<int, double> known;
  double& speed = known[threads];
  if (speed > 0) return speed;
  const Cpu cpu(threads);
  bench::Operands o(g.batch);
  const ops::Copy copy{.x = o.value(image), .y = o.value(image)};
  const auto memory = o.memory();
  for (int i = 0; i < 10; ++i) {
    const auto start = std::chrono::steady_clock::now();
    run(cpu, copy, memory);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    speed = std::max(speed, 2.0 * sizeof(float) * n / seconds.count());
  }
  return speed;
}

/// Times work(cpu, operands, memory) of the ops that make(operands) gives. `floats` and `bytes` are what they must move
/// at least.
template <class Make>
void measure(benchmark::State& state, double floats, double bytes, const Make& make) {
  const int threads = int(state.range(0));
  const double limit = copy_speed(threads), moved = floats * sizeof(float) + bytes;
  const Cpu cpu(threads);
  bench::Operands operands(g.batch);
  const auto work = make(operands);
  auto memory = operands.memory();
  for (auto _ : state) {
    work(cpu, memory);
    benchmark::ClobberMemory();
  }
  state.counters["GB/s"] = benchmark::Counter(moved * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["of_copy"] = benchmark::Counter(moved / limit, benchmark::Counter::kIsIterationInvariantRate);
}

/// The ops one after another.
template <class... Ops>
auto in_order(bench::Operands& o, const Ops&... all) {
  return [... op = o.with_needs(all)](const Cpu& cpu, const ops::Memory<float>& m) { (run(cpu, op, m), ...); };
}

#define FERLAB_MEMORY_BENCH(name, floats, bytes, ...)                       \
  void name(benchmark::State& state) {                                      \
    measure(state, floats, bytes, [](bench::Operands& o) { __VA_ARGS__; }); \
  }                                                                         \
  BENCHMARK(name)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond)

// y stays at 0.5 where an op works on it in place again and again: no NaN, no denormals.

FERLAB_MEMORY_BENCH(relu_in_place, 2.0 * n, 0, const auto y = o.value(image, 0.5f);
                    return in_order(o, ops::ReLU{.x = y, .y = y}));
FERLAB_MEMORY_BENCH(relu_backward_in_place, 3.0 * n, 0, const auto y = o.value(image), dy = o.value(image, 0.5f);
                    return in_order(o, ops::ReLUBackward{.y = y, .dy = dy, .dx = dy}));
FERLAB_MEMORY_BENCH(add_two, 3.0 * n, 0,
                    return in_order(o, ops::Add{.a = o.value(image), .b = o.value(image), .y = o.value(image)}));

/// All weights of a network of n.
struct Flat {
  ops::Value weights, gradients, momentum, velocity;
  std::vector<ops::WeightRange> segments{{0, std::size_t(n), 0}};

  explicit Flat(bench::Operands& o)
      : weights(o.value(image)),
        gradients(o.value(image)),
        momentum(o.value(image, 0.5f)),
        velocity(o.value(image, 0.5f)) {}

  ops::Memory<float> of(ops::Memory<float> m) const {
    m.flat = {.segments = segments, .size = std::size_t(n), .weights = m[weights], .gradients = m[gradients]};
    m.moments = {m[momentum], m[velocity]};
    return m;
  }
};

FERLAB_MEMORY_BENCH(
    norm_of_gradients, 1.0 * n, 0,
    const ops::ClipByGlobalNorm op = o.with_needs(ops::ClipByGlobalNorm{.clipnorm = o.setting(1)});
    return [op, flat = Flat(o)](const Cpu& cpu, const auto& m) { run(cpu, op, flat.of(m)); });
FERLAB_MEMORY_BENCH(
    adam, 7.0 * n, 0, o.state.step_size = 1e-9; const ops::Adam op{.momentum = {0},
                                                                   .velocity = {1},
                                                                   .beta_1 = o.setting(0.9f),
                                                                   .beta_2 = o.setting(0.999f),
                                                                   .epsilon = o.setting(1e-7f),
                                                                   .weight_decay = o.setting(0)};
    return [op, flat = Flat(o)](const Cpu& cpu, const auto& m) { run(cpu, op, flat.of(m)); });
FERLAB_MEMORY_BENCH(dropout_in_place, 2.0 * n, 0, const auto y = o.value(image, 0.5f);
                    return in_order(o, ops::Dropout{.x = y, .y = y, .rate = o.setting(0.5f)}));

/// BatchNorm and what is run with it, on an image.
struct Norm {
  ops::Value x;
  ops::Scalars mean, inv_std;
  ops::Weight gamma, beta, moving_mean, moving_variance;

  explicit Norm(bench::Operands& o)
      : x(o.value(image)),
        mean(o.scalars(channels, 0)),
        inv_std(o.scalars(channels, 1)),
        gamma(o.weight(channels, 1)),
        beta(o.weight(channels, 0)),
        moving_mean(o.weight(channels, 0)),
        moving_variance(o.weight(channels, 1)) {}

  ops::BatchStatistics statistics(bench::Operands& o) const {
    return {.x = x,
            .mean = mean,
            .inv_std = inv_std,
            .moving_mean = moving_mean,
            .moving_variance = moving_variance,
            .epsilon = o.setting(1e-3f),
            .momentum = o.setting(0.99f)};
  }
  ops::BatchNorm forward(ops::Value y) const {
    return {.x = x, .mean = mean, .inv_std = inv_std, .gamma = gamma, .beta = beta, .y = y};
  }
  ops::BatchNormBackward backward(bench::Operands& o, ops::Value dy, ops::Value dx) const {
    return {.x = x,
            .dy = dy,
            .gamma = gamma,
            .mean = mean,
            .inv_std = inv_std,
            .dx = dx,
            .dgamma = o.gradient(channels),
            .dbeta = o.gradient(channels)};
  }
};

FERLAB_MEMORY_BENCH(batch_norm_training, 3.0 * n, 0, const Norm norm(o);
                    return in_order(o, norm.statistics(o), norm.forward(o.value(image))));
FERLAB_MEMORY_BENCH(batch_norm_inference, 2.0 * n, 0, const Norm norm(o);
                    return in_order(o, ops::BatchNormInference{.x = norm.x,
                                                               .gamma = norm.gamma,
                                                               .beta = norm.beta,
                                                               .moving_mean = norm.moving_mean,
                                                               .moving_variance = norm.moving_variance,
                                                               .epsilon = o.setting(1e-3f),
                                                               .y = o.value(image)}));
FERLAB_MEMORY_BENCH(batch_norm_backward_in_place, 5.0 * n, 0, const Norm norm(o); const auto dy = o.value(image, 0.5f);
                    return in_order(o, norm.backward(o, dy, dy)));
FERLAB_MEMORY_BENCH(
    max_pool_training, 1.25 * n, pooled,
    return in_order(o, ops::MaxPool{
                           .geometry = g, .x = o.value(image), .y = o.value(half), .argmax = o.bytes(half.size())}));
FERLAB_MEMORY_BENCH(max_pool_inference, 1.25 * n, 0,
                    return in_order(o, ops::MaxPool{.geometry = g, .x = o.value(image), .y = o.value(half)}));
FERLAB_MEMORY_BENCH(
    max_pool_gradient, 1.25 * n, pooled,
    return in_order(o, ops::MaxPoolBackward{
                           .geometry = g, .dy = o.value(half), .argmax = o.bytes(half.size()), .dx = o.value(image)}));
FERLAB_MEMORY_BENCH(average_pool, 1.25 * n, 0,
                    return in_order(o, ops::AveragePool{.geometry = g, .x = o.value(image), .y = o.value(half)}));
FERLAB_MEMORY_BENCH(fused_forward, 2.25 * n, pooled, const Norm norm(o);
                    return in_order(o, norm.statistics(o),
                                    ops::BatchNormMaxPoolDropout{
                                        .norm = norm.forward({}),
                                        .pool = {.geometry = g, .x = {}, .y = {}},
                                        .dropout = {.x = {}, .y = o.value(half), .rate = o.setting(0.5f)},
                                        .saved = o.bytes(half.size())}));
FERLAB_MEMORY_BENCH(fused_backward, 3.5 * n, 2.0 * pooled, const Norm norm(o);
                    return in_order(o, ops::BatchNormMaxPoolDropoutBackward{
                                           .dropout = {.dy = o.value(half), .dx = {}, .rate = o.setting(0.5f)},
                                           .pool = {.geometry = g, .dy = {}, .argmax = {}, .dx = {}},
                                           .norm = norm.backward(o, {}, o.value(image)),
                                           .saved = o.bytes(half.size())}));

}  // namespace
