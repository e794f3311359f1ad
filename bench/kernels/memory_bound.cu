// SPDX-License-Identifier: MIT
// The kernels whose limit is memory, in bfloat16 and float, at the tutorial net's first block. Bytes are those that an
// op must move; `of_copy` is the fraction of copying in the same run.
#include "block.cuh"
#include "kernels/add.cuh"
#include "kernels/average_pool.cuh"
#include "kernels/batch_norm_max_pool_dropout.cuh"
#include "kernels/bias.cuh"
#include "kernels/conv2d_direct.cuh"
#include "kernels/dropout.cuh"
#include "kernels/relu.cuh"

namespace {

using namespace ferlab;
using bench::Block;
using bench::DeviceBuffer;

constexpr cudaStream_t stream = nullptr;
constexpr int channels = Block<float>::channels;

/// `tensors` of x's size, and `bytes` a pooled value.
#define FERLAB_BLOCK_BENCH(name, tensors, bytes, ...)                                              \
  template <class S>                                                                               \
  void name(benchmark::State& turns) {                                                             \
    Block<S> b(int(turns.range(0)));                                                               \
    const double moved = (tensors) * double(sizeof(S)) * double(b.n) + (bytes) * double(b.pooled); \
    bench::run_memory_bound(turns, moved, [&] { __VA_ARGS__; });                                   \
  }                                                                                                \
  BENCHMARK_TEMPLATE(name, float)->Arg(256)->UseManualTime()->Unit(benchmark::kMicrosecond);       \
  BENCHMARK_TEMPLATE(name, bfloat16)->Arg(64)->Arg(256)->UseManualTime()->Unit(benchmark::kMicrosecond)

FERLAB_BLOCK_BENCH(relu, 2, 0, kernels::run(stream, kernels::ReLU<S>{.count = b.n, .x = b.x.data(), .y = b.y.data()}));
FERLAB_BLOCK_BENCH(relu_backward, 3, 0,
                   kernels::run(stream, kernels::ReLUBackward<S>{
                                            .count = b.n, .y = b.x.data(), .dy = b.dy.data(), .dx = b.y.data()}));
FERLAB_BLOCK_BENCH(bias_add, 2, 0,
                   kernels::run(stream, kernels::BiasAdd<S>{.rows = b.rows,
                                                            .channels = channels,
                                                            .x = b.x.data(),
                                                            .bias = b.dy.data(),
                                                            .activation = ops::Activation::relu,
                                                            .y = b.y.data()}));
FERLAB_BLOCK_BENCH(relu_bias_backward, 3, 0,
                   kernels::run(stream, kernels::ReLUBiasBackward<S, float>{.rows = b.rows,
                                                                            .channels = channels,
                                                                            .y = b.x.data(),
                                                                            .dy = b.dy.data(),
                                                                            .dx = b.dy.data(),
                                                                            .dbias = b.per_channel(0),
                                                                            .scratch = b.scratch.data()}));
FERLAB_BLOCK_BENCH(bias_backward, 1, 0,
                   kernels::run(stream, kernels::BiasBackward<S, float>{.rows = b.rows,
                                                                        .channels = channels,
                                                                        .dy = b.dy.data(),
                                                                        .dbias = b.per_channel(0),
                                                                        .scratch = b.scratch.data()}));
FERLAB_BLOCK_BENCH(add, 3, 0,
                   kernels::run(stream,
                                kernels::Add<S>{.count = b.n, .a = b.x.data(), .b = b.dy.data(), .y = b.y.data()}));
FERLAB_BLOCK_BENCH(dropout, 2, 0,
                   kernels::run(stream, kernels::Dropout<S>{.count = b.n,
                                                            .features = 46 * 46 * channels,
                                                            .rate = 0.5f,
                                                            .random = {b.state.data(), 1},
                                                            .x = b.x.data(),
                                                            .y = b.y.data()}));
FERLAB_BLOCK_BENCH(max_pool, 1.25, 1,
                   kernels::run(stream,
                                kernels::MaxPool<S>{
                                    .geometry = b.g, .x = b.x.data(), .y = b.small.data(), .argmax = b.argmax.data()}));
FERLAB_BLOCK_BENCH(
    max_pool_backward, 1.25, 1,
    kernels::run(stream, kernels::MaxPoolBackward<S>{
                             .geometry = b.g, .dy = b.small_dy.data(), .argmax = b.argmax.data(), .dx = b.y.data()}));
FERLAB_BLOCK_BENCH(average_pool, 1.25, 0,
                   kernels::run(stream,
                                kernels::AveragePool<S>{.geometry = b.g, .x = b.x.data(), .y = b.small.data()}));
FERLAB_BLOCK_BENCH(average_pool_backward, 1.25, 0,
                   kernels::run(stream, kernels::AveragePoolBackward<S>{
                                            .geometry = b.g, .dy = b.small_dy.data(), .dx = b.y.data()}));

template <class S>
kernels::BatchStatistics<S> statistics(Block<S>& b) {
  return {.rows = b.rows, .channels = channels, .x = b.x.data(), .found = b.statistics(), .scratch = b.scratch.data()};
}

FERLAB_BLOCK_BENCH(batch_norm, 3, 0, kernels::run(stream, statistics(b));
                   kernels::run(stream, kernels::BatchNorm<S>{.rows = b.rows,
                                                              .channels = channels,
                                                              .x = b.x.data(),
                                                              .gamma = b.per_channel(0),
                                                              .beta = b.per_channel(1),
                                                              .mean = b.per_channel(2),
                                                              .inv_std = b.per_channel(3),
                                                              .y = b.y.data()}));
FERLAB_BLOCK_BENCH(batch_norm_inference, 2, 0,
                   kernels::run(stream, kernels::BatchNormInference<S>{.rows = b.rows,
                                                                       .channels = channels,
                                                                       .x = b.x.data(),
                                                                       .gamma = b.per_channel(0),
                                                                       .beta = b.per_channel(1),
                                                                       .moving_mean = b.per_channel(4),
                                                                       .moving_variance = b.per_channel(5),
                                                                       .epsilon = 1e-3f,
                                                                       .y = b.y.data()}));
FERLAB_BLOCK_BENCH(batch_norm_backward, 5, 0,
                   kernels::run(stream, kernels::BatchNormBackward<S, float>{.rows = b.rows,
                                                                             .channels = channels,
                                                                             .x = b.x.data(),
                                                                             .dy = b.dy.data(),
                                                                             .gamma = b.per_channel(0),
                                                                             .mean = b.per_channel(2),
                                                                             .inv_std = b.per_channel(3),
                                                                             .dx = b.y.data(),
                                                                             .dgamma = b.per_channel(6),
                                                                             .dbeta = b.per_channel(7),
                                                                             .scratch = b.scratch.data()}));
FERLAB_BLOCK_BENCH(batch_norm_max_pool_dropout, 2.5, 1, kernels::run(stream, statistics(b));
                   kernels::run(stream, kernels::BatchNormMaxPoolDropout<S>{.geometry = b.g,
                                                                            .x = b.x.data(),
                                                                            .gamma = b.per_channel(0),
                                                                            .beta = b.per_channel(1),
                                                                            .mean = b.per_channel(2),
                                                                            .inv_std = b.per_channel(3),
                                                                            .rate = 0.5f,
                                                                            .random = {b.state.data(), 1},
                                                                            .y = b.small.data(),
                                                                            .maxima = b.maxima.data(),
                                                                            .argmax = b.argmax.data()}));
FERLAB_BLOCK_BENCH(batch_norm_max_pool_inference, 1.25, 0,
                   kernels::run(stream, kernels::BatchNormMaxPoolInference<S>{.geometry = b.g,
                                                                              .x = b.x.data(),
                                                                              .gamma = b.per_channel(0),
                                                                              .beta = b.per_channel(1),
                                                                              .moving_mean = b.per_channel(4),
                                                                              .moving_variance = b.per_channel(5),
                                                                              .epsilon = 1e-3f,
                                                                              .y = b.small.data()}));
FERLAB_BLOCK_BENCH(batch_norm_max_pool_dropout_backward, 2.75, 2,
                   kernels::run(stream,
                                kernels::BatchNormMaxPoolDropoutBackward<S, float>{.geometry = b.g,
                                                                                   .x = b.x.data(),
                                                                                   .maxima = b.maxima.data(),
                                                                                   .argmax = b.argmax.data(),
                                                                                   .dy = b.small_dy.data(),
                                                                                   .gamma = b.per_channel(0),
                                                                                   .mean = b.per_channel(2),
                                                                                   .inv_std = b.per_channel(3),
                                                                                   .rate = 0.5f,
                                                                                   .dx = b.y.data(),
                                                                                   .dgamma = b.per_channel(6),
                                                                                   .dbeta = b.per_channel(7),
                                                                                   .scratch = b.scratch.data()}));

/// From bfloat16 to float or from float to bfloat16: 6 bytes per value.
template <class From, class To>
void convert(benchmark::State& turns) {
  Block<From> from(int(turns.range(0)));
  DeviceBuffer<To> to(std::size_t(from.n));
  bench::run_memory_bound(turns, double(sizeof(From) + sizeof(To)) * double(from.n), [&] {
    kernels::run(stream, kernels::Convert<From, To>{.count = from.n, .x = from.x.data(), .y = to.data()});
  });
}
BENCHMARK_TEMPLATE(convert, bfloat16, float)->Arg(256)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(convert, float, bfloat16)->Arg(256)->UseManualTime()->Unit(benchmark::kMicrosecond);

/// The tutorial's first layer, 48x48x1 -> 46x46x64: forward writes y, the gradient of the kernel reads dy.
template <class S>
void conv2d_direct_first_layer(benchmark::State& turns) {
  Block<S> b(int(turns.range(0)));
  const ops::Conv2DGeometry g{b.g.batch, 48, 48, 1, 46, 46, channels, 3, 1, 0, 0};
  DeviceBuffer<S> w(9 * channels);
  DeviceBuffer<float> scratch(kernels::conv2d_direct_scratch_size(channels));
  const double bytes = double(sizeof(S)) * (double(b.n) + double(g.batch) * 48 * 48);
  if (turns.range(1) == 0)
    bench::run_memory_bound(turns, bytes, [&] {
      kernels::conv2d_direct(stream, kernels::Conv2D<S>{.geometry = g,
                                                        .x = b.x.data(),
                                                        .kernel = w.data(),
                                                        .bias = b.dy.data(),
                                                        .activation = ops::Activation::relu,
                                                        .y = b.y.data()});
    });
  else
    bench::run_memory_bound(turns, bytes, [&] {
      kernels::conv2d_direct(
          stream,
          kernels::Conv2DBackwardFilter<S>{
              .geometry = g, .x = b.x.data(), .dy = b.dy.data(), .dkernel = w.data(), .scratch = scratch.data()});
    });
}
BENCHMARK_TEMPLATE(conv2d_direct_first_layer, bfloat16)
    ->ArgNames({"batch", "gradient"})
    ->ArgsProduct({{64, 256, 1024}, {0, 1}})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
