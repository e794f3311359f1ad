// SPDX-License-Identifier: MIT
// Softmax and the losses on seven classes. They are small: what they cost is the launch.
#include "cudnn_bench.cuh"
#include "kernels/softmax_crossentropy.cuh"

namespace {

using namespace ferlab;
using bench::DeviceBuffer;

constexpr cudaStream_t stream = nullptr;

constexpr int classes = 7;

struct Rows {
  std::ptrdiff_t count;
  std::size_t n;
  DeviceBuffer<float> x, y, dy, scratch;
  DeviceBuffer<std::uint8_t> labels;
  DeviceBuffer<ops::StepMetrics> metrics;

  explicit Rows(const benchmark::State& turns)
      : count(turns.range(0)),
        n(std::size_t(count) * classes),
        x(n),
        y(n),
        dy(n),
        scratch(kernels::softmax_crossentropy_scratch_size(count)),
        labels(std::size_t(count)),
        metrics(1) {
    bench::fill(n, x.data());
    bench::fill(n, dy.data());
    kernels::run(stream, kernels::Softmax<float>{.rows = count, .classes = classes, .x = x.data(), .y = y.data()});
  }
};

/// `values` are moved for each class of each row.
#define FERLAB_LOSS_BENCH(name, values, ...)                                          \
  void name(benchmark::State& turns) {                                                \
    Rows r(turns);                                                                    \
    bench::run_memory_bound(turns, (values)*4.0 * double(r.n), [&] { __VA_ARGS__; }); \
  }                                                                                   \
  BENCHMARK(name)->Arg(64)->Arg(1024)->UseManualTime()->Unit(benchmark::kMicrosecond)

FERLAB_LOSS_BENCH(softmax, 2,
                  kernels::run(stream, kernels::Softmax<float>{
                                           .rows = r.count, .classes = classes, .x = r.x.data(), .y = r.y.data()}));
FERLAB_LOSS_BENCH(
    softmax_backward, 3,
    kernels::run(stream,
                 kernels::SoftmaxBackward<float>{
                     .rows = r.count, .classes = classes, .y = r.y.data(), .dy = r.dy.data(), .dx = r.x.data()}));
FERLAB_LOSS_BENCH(softmax_crossentropy, 3,
                  kernels::run(stream, kernels::SoftmaxCrossentropy<float>{.rows = r.count,
                                                                           .classes = classes,
                                                                           .logits = r.x.data(),
                                                                           .labels = r.labels.data(),
                                                                           .label_smoothing = 0.1f,
                                                                           .probabilities = r.y.data(),
                                                                           .gradient = r.dy.data(),
                                                                           .metrics = r.metrics.data(),
                                                                           .hits = r.metrics.data()->sums.data(),
                                                                           .scratch = r.scratch.data()}));
FERLAB_LOSS_BENCH(crossentropy, 2,
                  kernels::run(stream, kernels::Crossentropy<float>{.rows = r.count,
                                                                    .classes = classes,
                                                                    .outputs = r.y.data(),
                                                                    .labels = r.labels.data(),
                                                                    .label_smoothing = 0.1f,
                                                                    .gradient = r.dy.data(),
                                                                    .metrics = r.metrics.data(),
                                                                    .scratch = r.scratch.data()}));

/// cuDNN's, by the one call that its graphs do not replace.
void softmax_cudnn(benchmark::State& turns) {
  Rows r(turns);
  cudnnTensorDescriptor_t shape = nullptr;
  cuda::check_cudnn(cudnnCreateTensorDescriptor(&shape), "a tensor's shape");
  cuda::check_cudnn(cudnnSetTensor4dDescriptor(shape, CUDNN_TENSOR_NHWC, CUDNN_DATA_FLOAT, int(r.count), classes, 1, 1),
                    "a tensor's shape");
  bench::run_memory_bound(turns, 8.0 * double(r.n), [&] {
    const float one = 1, zero = 0;
    cuda::check_cudnn(cudnnSoftmaxForward(bench::cudnn(), CUDNN_SOFTMAX_ACCURATE, CUDNN_SOFTMAX_MODE_INSTANCE, &one,
                                          shape, r.x.data(), &zero, shape, r.y.data()),
                      "softmax");
  });
  cudnnDestroyTensorDescriptor(shape);
}
BENCHMARK(softmax_cudnn)->Arg(64)->Arg(1024)->UseManualTime()->Unit(benchmark::kMicrosecond);

}  // namespace
