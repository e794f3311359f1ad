// SPDX-License-Identifier: MIT
// cuDNN's batch norm at the first block, for memory_bound.cu's rows of the same name and without _cudnn.
#include "block.cuh"
#include "cudnn_bench.cuh"

namespace {

using namespace ferlab;
using bench::Block;
using cuda::Graph;

constexpr int channels = Block<bfloat16>::channels;

cuda::GraphTensor image(Graph& graph, const Block<bfloat16>& b) {
  return graph.tensor(CUDNN_DATA_BFLOAT16, b.g.batch, b.g.height, b.g.width, channels);
}

void batch_norm_cudnn(benchmark::State& turns) {
  Block<bfloat16> b(int(turns.range(0)));
  Graph graph;
  const auto x = image(graph, b), y = image(graph, b);
  const auto t = graph.batch_norm_tensors(channels);
  const auto epsilon = graph.scalar(), factor = graph.scalar();
  graph.batch_norm_forward_training(x, t, epsilon, factor, y);
  float epsilon_value = 1e-3f, factor_value = 0.01f;
  const bench::GraphMemory memory{{x.id, b.x.data()},
                                  {y.id, b.y.data()},
                                  {t.scale.id, b.per_channel(0)},
                                  {t.bias.id, b.per_channel(1)},
                                  {t.mean.id, b.per_channel(2)},
                                  {t.inv_std.id, b.per_channel(3)},
                                  {t.running_mean.id, b.per_channel(4)},
                                  {t.running_variance.id, b.per_channel(5)},
                                  {t.next_running_mean.id, b.per_channel(4)},
                                  {t.next_running_variance.id, b.per_channel(5)},
                                  {epsilon.id, &epsilon_value},
                                  {factor.id, &factor_value}};
  const std::string row = "batch_norm_cudnn/" + std::to_string(turns.range(0));
  bench::with_fastest_plan(turns, row, std::move(graph), memory, [&](const auto& plan) {
    bench::run_memory_bound(turns, 3.0 * sizeof(bfloat16) * double(b.n), plan);
  });
}
BENCHMARK(batch_norm_cudnn)
    ->Arg(64)
    ->Arg(256)
    ->Iterations(bench::turns_once_chosen)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

void batch_norm_backward_cudnn(benchmark::State& turns) {
  Block<bfloat16> b(int(turns.range(0)));
  Graph graph;
  const auto x = image(graph, b), dy = image(graph, b), dx = image(graph, b);
  const auto t = graph.batch_norm_tensors(channels), gradients = graph.batch_norm_tensors(channels);
  graph.batch_norm_backward(x, dy, t, dx, gradients.scale, gradients.bias);
  const bench::GraphMemory memory{{x.id, b.x.data()},
                                  {dy.id, b.dy.data()},
                                  {dx.id, b.y.data()},
                                  {t.scale.id, b.per_channel(0)},
                                  {t.mean.id, b.per_channel(2)},
                                  {t.inv_std.id, b.per_channel(3)},
                                  {gradients.scale.id, b.per_channel(6)},
                                  {gradients.bias.id, b.per_channel(7)}};
  const std::string row = "batch_norm_backward_cudnn/" + std::to_string(turns.range(0));
  bench::with_fastest_plan(turns, row, std::move(graph), memory, [&](const auto& plan) {
    bench::run_memory_bound(turns, 5.0 * sizeof(bfloat16) * double(b.n), plan);
  });
}
BENCHMARK(batch_norm_backward_cudnn)
    ->Arg(64)
    ->Arg(256)
    ->Iterations(bench::turns_once_chosen)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
