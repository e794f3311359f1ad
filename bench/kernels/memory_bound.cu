// SPDX-License-Identifier: MIT
// The kernels whose limit is memory, in bfloat16 and float, at the tutorial net's first block. The argument is the
// batch size. Bytes are those that an op must move; `of_copy` is the fraction of copying in the same run.
#include "kernels/augment_batch.cuh"
#include "kernels/average_pool.cuh"
#include "kernels/batch_norm_max_pool_dropout.cuh"
#include "kernels/bias.cuh"
#include "kernels/conv2d_direct.cuh"
#include "device_bench.cuh"
#include "kernels/fill_batch.cuh"
#include "kernels/optimizers.cuh"
#include "kernels/relu.cuh"
#include "kernels/softmax_crossentropy.cuh"

namespace {

using namespace ferlab;
using bench::DeviceMemory;

constexpr cudaStream_t stream = nullptr;
constexpr int channels = 64;

/// Tensors of the first block's size, and what else its ops want.
template <class S>
struct Block {
  Pool2DGeometry g;
  std::ptrdiff_t rows, n, pooled;
  DeviceMemory<S> x, y, dy, small, small_dy, maxima;
  DeviceMemory<std::uint8_t> argmax;
  DeviceMemory<float> channel, scratch;
  DeviceMemory<StepState> state;

  explicit Block(int batch)
      : g{batch, 46, 46, channels, 23, 23, 2, 2, 0, 0},
        rows(std::ptrdiff_t(batch) * 46 * 46),
        n(rows * channels),
        pooled(n / 4),
        x(std::size_t(n)),
        y(std::size_t(n)),
        dy(std::size_t(n)),
        small(std::size_t(pooled)),
        small_dy(std::size_t(pooled)),
        maxima(std::size_t(pooled)),
        argmax(std::size_t(pooled)),
        channel(8 * channels),
        scratch(kernels::batch_norm_scratch_size(channels)),
        state(1) {
    bench::fill(std::size_t(n), x.data());
    bench::fill(std::size_t(n), dy.data());
    bench::fill(std::size_t(pooled), small_dy.data());
    bench::fill(8 * channels, channel.data());
  }
  /// gamma, beta, mean, inv_std, moving mean, moving variance, dgamma, dbeta
  float* per_channel(int i) { return channel.data() + i * channels; }
};

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
FERLAB_BLOCK_BENCH(dropout, 2, 0, kernels::dropout(stream, b.n, 0.5f, {b.state.data(), 1}, b.x.data(), b.y.data()));
FERLAB_BLOCK_BENCH(max_pool_forward, 1.25, 1,
                   kernels::max_pool_forward(stream, b.g, b.x.data(), b.small.data(), b.argmax.data()));
FERLAB_BLOCK_BENCH(max_pool_backward, 1.25, 1,
                   kernels::max_pool_backward(stream, b.g, b.small_dy.data(), b.argmax.data(), b.y.data()));
FERLAB_BLOCK_BENCH(average_pool_forward, 1.25, 0,
                   kernels::average_pool_forward(stream, b.g, b.x.data(), b.small.data()));
FERLAB_BLOCK_BENCH(batch_norm_forward_training, 3, 0,
                   kernels::batch_norm_forward_training(stream, b.rows, channels, b.x.data(), b.per_channel(0),
                                                        b.per_channel(1), 1e-3f, 0.99f, b.y.data(), b.per_channel(2),
                                                        b.per_channel(3), b.per_channel(4), b.per_channel(5),
                                                        b.scratch.data()));
FERLAB_BLOCK_BENCH(batch_norm_forward_inference, 2, 0,
                   kernels::batch_norm_forward_inference(stream, b.rows, channels, b.x.data(), b.per_channel(0),
                                                         b.per_channel(1), b.per_channel(4), b.per_channel(5), 1e-3f,
                                                         b.y.data()));
FERLAB_BLOCK_BENCH(batch_norm_backward, 5, 0,
                   kernels::batch_norm_backward(stream, b.rows, channels, b.x.data(), b.dy.data(), b.per_channel(0),
                                                b.per_channel(2), b.per_channel(3), b.y.data(), b.per_channel(6),
                                                b.per_channel(7), nullptr, b.scratch.data()));
FERLAB_BLOCK_BENCH(batch_norm_max_pool_dropout_forward, 2.5, 1,
                   kernels::batch_norm_max_pool_dropout_forward(stream, b.g, b.x.data(), b.per_channel(0),
                                                                b.per_channel(1), 1e-3f, 0.99f, 0.5f,
                                                                {b.state.data(), 1}, b.small.data(), b.maxima.data(),
                                                                b.argmax.data(), b.per_channel(2), b.per_channel(3),
                                                                b.per_channel(4), b.per_channel(5), b.scratch.data()));
FERLAB_BLOCK_BENCH(batch_norm_max_pool_dropout_backward, 2.75, 2,
                   kernels::batch_norm_max_pool_dropout_backward(stream, b.g, b.x.data(), b.maxima.data(),
                                                                 b.argmax.data(), b.small_dy.data(), b.per_channel(0),
                                                                 b.per_channel(2), b.per_channel(3), 0.5f, b.y.data(),
                                                                 b.per_channel(6), b.per_channel(7), nullptr, b.scratch.data()));

/// The tutorial's first layer, 48x48x1 -> 46x46x64: forward writes y, the gradient of the kernel reads dy.
template <class S>
void conv2d_direct_first_layer(benchmark::State& turns) {
  Block<S> b(int(turns.range(0)));
  const Conv2DGeometry g{b.g.batch, 48, 48, 1, 46, 46, channels, 3, 1, 0, 0};
  DeviceMemory<float> w(9 * channels), scratch(kernels::conv2d_direct_scratch_size(channels));
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

constexpr std::ptrdiff_t weights = 5'905'920;  // the tutorial's net, padded

template <class G>
void adam(benchmark::State& turns) {
  const std::size_t n = weights;
  DeviceMemory<float> w(n), m(n), v(n);
  DeviceMemory<G> g(n);
  DeviceMemory<bfloat16> copy(n);
  DeviceMemory<StepState> state(1);
  bench::fill(n, w.data());
  bench::fill(n, g.data());
  bench::run_memory_bound(turns, double(n) * (24 + sizeof(G) + 2), [&] {
    kernels::adam<G>(stream, {weights, w.data(), g.data(), copy.data(), {}, 0}, m.data(), v.data(), {}, state.data());
  });
}
BENCHMARK_TEMPLATE(adam, float)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(adam, bfloat16)->UseManualTime()->Unit(benchmark::kMicrosecond);

void clip_by_global_norm(benchmark::State& turns) {
  const std::size_t n = weights;
  DeviceMemory<float> w(n), g(n);
  DeviceMemory<double> scratch(kernels::reduce_scratch_size);
  DeviceMemory<StepState> state(1);
  bench::run_memory_bound(turns, double(n) * 8, [&] {
    kernels::clip_by_global_norm(stream, weights, w.data(), g.data(), {}, 1, state.data(), scratch.data());
  });
}
BENCHMARK(clip_by_global_norm)->UseManualTime()->Unit(benchmark::kMicrosecond);

/// Small: what it costs is the launch.
void softmax_crossentropy(benchmark::State& turns) {
  const std::ptrdiff_t rows = turns.range(0);
  const std::size_t n = std::size_t(rows) * 7;
  DeviceMemory<float> x(n), p(n), scratch(kernels::softmax_crossentropy_scratch_size(rows));
  DeviceMemory<std::uint8_t> labels{std::size_t(rows)};
  DeviceMemory<StepMetrics> metrics(1);
  bench::fill(n, x.data());
  bench::run_memory_bound(turns, double(n) * 12, [&] {
    kernels::softmax_crossentropy(stream, rows, 7, x.data(), labels.data(), 0.1f, 1, p.data(), x.data(), metrics.data(),
                                  scratch.data());
  });
}
BENCHMARK(softmax_crossentropy)->Arg(64)->Arg(1024)->UseManualTime()->Unit(benchmark::kMicrosecond);

void fill_batch(benchmark::State& turns) {
  const int batch = int(turns.range(0)), images = 4096, size = 48 * 48;
  DeviceMemory<std::uint8_t> pixels(std::size_t(images) * size), all_labels(images), labels{std::size_t(batch)};
  DeviceMemory<std::uint32_t> order(images);
  DeviceMemory<bfloat16> to(std::size_t(batch) * size);
  DeviceMemory<StepState> state(1);
  bench::run_memory_bound(turns, double(batch) * size * 3, [&] {
    kernels::fill_batch(stream, {pixels.data(), all_labels.data(), order.data(), size}, state.data(), batch, batch, {},
                        to.data(), labels.data());
  });
}
BENCHMARK(fill_batch)->Arg(64)->Arg(1024)->UseManualTime()->Unit(benchmark::kMicrosecond);

void augment_batch(benchmark::State& turns) {
  const int batch = int(turns.range(0)), images = 4096, size = 48 * 48;
  DeviceMemory<std::uint8_t> pixels(std::size_t(images) * size), all_labels(images), labels{std::size_t(batch)};
  DeviceMemory<std::uint32_t> order(images);
  DeviceMemory<bfloat16> to(std::size_t(batch) * size);
  DeviceMemory<StepState> state(1);
  const data::Augmenter augmenter({.mirror = true, .shift = 0.1f, .rotate = 10, .zoom = 0.1f, .erase = 0.5f},
                                  {48, 48, 1});
  bench::run_memory_bound(turns, double(batch) * size * 3, [&] {
    kernels::augment_batch(stream, {pixels.data(), all_labels.data(), order.data(), size}, state.data(), batch, batch,
                           {}, augmenter, to.data(), labels.data());
  });
}
BENCHMARK(augment_batch)->Arg(64)->Arg(1024)->UseManualTime()->Unit(benchmark::kMicrosecond);

}  // namespace
