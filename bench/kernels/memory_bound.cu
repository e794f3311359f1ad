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

FERLAB_BLOCK_BENCH(relu_forward, 2, 0, kernels::relu_forward(stream, b.n, b.x.data(), b.y.data()));
FERLAB_BLOCK_BENCH(relu_backward, 3, 0, kernels::relu_backward(stream, b.n, b.x.data(), b.dy.data(), b.y.data()));
FERLAB_BLOCK_BENCH(bias_relu_forward, 2, 0,
                   kernels::bias_relu_forward(stream, b.rows, channels, b.x.data(), b.per_channel(0), b.y.data()));
FERLAB_BLOCK_BENCH(relu_bias_backward, 3, 0,
                   kernels::relu_bias_backward(stream, b.rows, channels, b.x.data(), b.dy.data(), b.per_channel(0),
                                               b.scratch.data()));
FERLAB_BLOCK_BENCH(bias_backward, 1, 0,
                   kernels::bias_backward(stream, b.rows, channels, b.dy.data(), b.per_channel(0), b.scratch.data()));
FERLAB_BLOCK_BENCH(add, 3, 0, kernels::add(stream, b.n, b.x.data(), b.dy.data(), b.y.data()));
FERLAB_BLOCK_BENCH(dropout, 2, 0, kernels::dropout(stream, b.n, 0.5f, {b.state.data(), 1}, b.x.data(), b.y.data()));
FERLAB_BLOCK_BENCH(max_pool_forward, 1.25, 1,
                   kernels::max_pool_forward(stream, b.g, b.x.data(), b.small.data(), b.argmax.data()));
FERLAB_BLOCK_BENCH(max_pool_backward, 1.25, 1,
                   kernels::max_pool_backward(stream, b.g, b.small_dy.data(), b.argmax.data(), b.y.data()));
FERLAB_BLOCK_BENCH(average_pool_forward, 1.25, 0,
                   kernels::average_pool_forward(stream, b.g, b.x.data(), b.small.data()));
FERLAB_BLOCK_BENCH(average_pool_backward, 1.25, 0,
                   kernels::average_pool_backward(stream, b.g, b.small_dy.data(), b.y.data()));
FERLAB_BLOCK_BENCH(batch_norm_forward_training, 3, 0,
                   kernels::batch_statistics(stream, b.rows, channels, b.x.data(), b.statistics(), b.scratch.data());
                   kernels::batch_norm_forward_training(stream, b.rows, channels, b.x.data(), b.per_channel(0),
                                                        b.per_channel(1), b.per_channel(2), b.per_channel(3),
                                                        b.y.data()));
FERLAB_BLOCK_BENCH(batch_norm_forward_inference, 2, 0,
                   kernels::batch_norm_forward_inference(stream, b.rows, channels, b.x.data(), b.per_channel(0),
                                                         b.per_channel(1), b.per_channel(4), b.per_channel(5), 1e-3f,
                                                         b.y.data()));
FERLAB_BLOCK_BENCH(batch_norm_backward, 5, 0,
                   kernels::batch_norm_backward(stream, b.rows, channels, b.x.data(), b.dy.data(), b.per_channel(0),
                                                b.per_channel(2), b.per_channel(3), b.y.data(), b.per_channel(6),
                                                b.per_channel(7), nullptr, b.scratch.data()));
FERLAB_BLOCK_BENCH(batch_norm_max_pool_dropout_forward, 2.5, 1,
                   kernels::batch_statistics(stream, b.rows, channels, b.x.data(), b.statistics(), b.scratch.data());
                   kernels::batch_norm_max_pool_dropout_forward(stream, b.g, b.x.data(), b.per_channel(0),
                                                                b.per_channel(1), b.per_channel(2), b.per_channel(3),
                                                                0.5f, {b.state.data(), 1}, b.small.data(),
                                                                b.maxima.data(), b.argmax.data()));
FERLAB_BLOCK_BENCH(batch_norm_max_pool_inference, 1.25, 0,
                   kernels::batch_norm_max_pool_inference(stream, b.g, b.x.data(), b.per_channel(0), b.per_channel(1),
                                                          b.per_channel(4), b.per_channel(5), 1e-3f, b.small.data()));
FERLAB_BLOCK_BENCH(batch_norm_max_pool_dropout_backward, 2.75, 2,
                   kernels::batch_norm_max_pool_dropout_backward(stream, b.g, b.x.data(), b.maxima.data(),
                                                                 b.argmax.data(), b.small_dy.data(), b.per_channel(0),
                                                                 b.per_channel(2), b.per_channel(3), 0.5f, b.y.data(),
                                                                 b.per_channel(6), b.per_channel(7), nullptr, b.scratch.data()));

/// From bfloat16 to float or from float to bfloat16: 6 bytes a value.
template <class From, class To>
void convert(benchmark::State& turns) {
  Block<From> from(int(turns.range(0)));
  DeviceBuffer<To> to(std::size_t(from.n));
  bench::run_memory_bound(turns, double(sizeof(From) + sizeof(To)) * double(from.n),
                          [&] { kernels::convert(stream, from.n, from.x.data(), to.data()); });
}
BENCHMARK_TEMPLATE(convert, bfloat16, float)->Arg(256)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(convert, float, bfloat16)->Arg(256)->UseManualTime()->Unit(benchmark::kMicrosecond);

/// The tutorial's first layer, 48x48x1 -> 46x46x64: forward writes y, the gradient of the kernel reads dy.
template <class S>
void conv2d_direct_first_layer(benchmark::State& turns) {
  Block<S> b(int(turns.range(0)));
  const Conv2DGeometry g{b.g.batch, 48, 48, 1, 46, 46, channels, 3, 1, 0, 0};
  DeviceBuffer<float> w(9 * channels), scratch(kernels::conv2d_direct_scratch_size(channels));
  const double bytes = double(sizeof(S)) * (double(b.n) + double(g.batch) * 48 * 48);
  if (turns.range(1) == 0)
    bench::run_memory_bound(turns, bytes, [&] {
      kernels::conv2d_direct_forward(stream, g, b.x.data(), w.data(), b.per_channel(0), Activation::relu, b.y.data());
    });
  else
    bench::run_memory_bound(turns, bytes, [&] {
      kernels::conv2d_direct_backward_filter(stream, g, b.x.data(), b.dy.data(), w.data(), scratch.data());
    });
}
BENCHMARK_TEMPLATE(conv2d_direct_first_layer, bfloat16)
    ->ArgNames({"batch", "gradient"})
    ->ArgsProduct({{64, 256, 1024}, {0, 1}})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
