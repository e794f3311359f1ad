// SPDX-License-Identifier: MIT
// The tensor-core convolutions at the tutorial net's layers (the shapes that the tests check), batch 64, 256 and 1024,
// and cuDNN's beside them. cuDNN's bias and gradient of the kernel are in bfloat16, ours in float; the kernel's order
// is each one's own.
#include "cudnn_bench.cuh"
#include "kernels/conv2d_direct.cuh"
#include "kernels/conv2d_tensor.cuh"
#include "support/shapes.hpp"

namespace {

using namespace ferlab;
using bench::DeviceBuffer;

constexpr cudaStream_t stream = nullptr;

enum class Part { forward, forward_statistics, backward_data, backward_data_relu, backward_filter };

/// x, y and w in bfloat16: outputs and gradients have the memory of what they are of.
struct Layer {
  const ops::Conv2DGeometry& g;
  DeviceBuffer<bfloat16> x, y, w, bias;
  DeviceBuffer<float> channel;  // of BatchNorm's statistics

  explicit Layer(const ops::Conv2DGeometry& geometry)
      : g(geometry),
        x(std::size_t(g.batch) * std::size_t(g.height * g.width) * std::size_t(g.channels)),
        y(std::size_t(g.batch) * std::size_t(g.out_height * g.out_width) * std::size_t(g.filters)),
        w(std::size_t(g.kernel * g.kernel) * std::size_t(g.channels) * std::size_t(g.filters)),
        bias(std::size_t(g.filters)),
        channel(4 * std::size_t(g.filters)) {
    bench::fill(x.size(), x.data());
    bench::fill(y.size(), y.data());
    bench::fill(w.size(), w.data());
  }
  kernels::ChannelStatistics statistics() {
    float* const at = channel.data();
    return {1e-3f, 0.99f, at, at + g.filters, at + 2 * g.filters, at + 3 * g.filters};
  }
  double operations() const { return 2.0 * double(y.size()) * g.kernel * g.kernel * g.channels; }
};

/// By the kernels that a policy makes.
template <class Policy>
void ours(benchmark::State& turns, const ops::Conv2DGeometry& g, Part part) {
  Layer layer(g);
  DeviceBuffer<bfloat16> dw(layer.w.size()), of_relu(part == Part::backward_data_relu ? layer.x.size() : 0);
  bench::fill(of_relu.size(), of_relu.data());
  DeviceBuffer<float> scratch(std::max(kernels::conv2d_tensor_backward_filter_scratch_size<Policy>(g),
                                       kernels::conv2d_tensor_statistics_scratch_size<Policy>(g)));
  bfloat16 *x = layer.x.data(), *y = layer.y.data(), *w = layer.w.data();
  const kernels::Conv2D<bfloat16> forward{
      .geometry = g,
      .x = x,
      .kernel = w,
      .bias = layer.bias.data(),
      .activation = ops::Activation::relu,
      .y = y,
      .statistics = part == Part::forward_statistics ? layer.statistics() : kernels::ChannelStatistics{},
      .scratch = scratch.data()};
  const kernels::Conv2DBackwardData<bfloat16> data{
      .geometry = g, .dy = y, .kernel = w, .dx = x, .relu = of_relu.data()};
  const kernels::Conv2DBackwardFilter<bfloat16> filter{
      .geometry = g, .x = x, .dy = y, .dkernel = dw.data(), .scratch = scratch.data()};
  bench::run_compute_bound(turns, layer.operations(), [&] {
    if (part == Part::forward || part == Part::forward_statistics)
      kernels::conv2d_tensor<Policy>(stream, forward);
    else if (part == Part::backward_data || part == Part::backward_data_relu)
      kernels::conv2d_tensor<Policy>(stream, data);
    else
      kernels::conv2d_tensor<Policy>(stream, filter);
  });
}

void cudnns(benchmark::State& turns, const std::string& row, const ops::Conv2DGeometry& g, Part part) {
  using cuda::Graph;
  constexpr cudnnDataType_t type = CUDNN_DATA_BFLOAT16;
  Layer layer(g);
  Graph graph;
  const auto image = [&](Graph::Kind kind) { return graph.tensor(type, g.batch, g.height, g.width, g.channels, kind); };
  const auto output = [&](Graph::Kind kind) {
    return graph.tensor(type, g.batch, g.out_height, g.out_width, g.filters, kind);
  };
  const auto x = image(Graph::Kind::elements), y = output(Graph::Kind::elements), w = graph.kernel(type, g);
  bench::GraphMemory memory{{x.id, layer.x.data()}, {y.id, layer.y.data()}, {w.id, layer.w.data()}};
  DeviceBuffer<bfloat16> of_relu(part == Part::backward_data_relu ? layer.x.size() : 0);
  DeviceBuffer<float> scratch(kernels::batch_norm_scratch_size(g.filters));
  if (part == Part::forward || part == Part::forward_statistics) {
    const auto product = output(Graph::Kind::between), sum = output(Graph::Kind::between);
    const auto bias = graph.tensor(type, 1, 1, 1, g.filters);
    graph.convolution(g, x, w, product);
    graph.add(product, bias, sum);
    graph.relu(sum, y);
    memory.emplace_back(bias.id, layer.bias.data());
  } else if (part == Part::backward_data) {
    graph.convolution_data_gradient(g, y, w, x);
  } else if (part == Part::backward_data_relu) {
    const auto between = image(Graph::Kind::between), before = image(Graph::Kind::elements);
    bench::fill(of_relu.size(), of_relu.data());
    graph.convolution_data_gradient(g, y, w, between);
    graph.relu_backward(between, before, x);
    memory.emplace_back(before.id, of_relu.data());
  } else {
    graph.convolution_filter_gradient(g, x, y, w);
  }
  bench::with_fastest_plan(turns, row, std::move(graph), memory, [&](const auto& plan) {
    bench::run_compute_bound(turns, layer.operations(), [&] {
      plan();
      if (part == Part::forward_statistics)  // a pass of its own: no part of cuDNN's graph
        kernels::run(stream,
                     kernels::BatchStatistics<bfloat16>{.rows = std::ptrdiff_t(g.batch) * g.out_height * g.out_width,
                                                        .channels = g.filters,
                                                        .x = layer.y.data(),
                                                        .found = layer.statistics(),
                                                        .scratch = scratch.data()});
    });
  });
}

/// Right for every shape; meant for few channels.
void direct(benchmark::State& turns, const ops::Conv2DGeometry& g, Part part) {
  Layer layer(g);
  DeviceBuffer<bfloat16> dw(layer.w.size());
  DeviceBuffer<float> scratch(kernels::conv2d_direct_scratch_size(g.filters));
  bfloat16 *x = layer.x.data(), *y = layer.y.data(), *w = layer.w.data();
  bench::run_compute_bound(turns, layer.operations(), [&] {
    if (part == Part::forward)
      kernels::conv2d_direct(stream, kernels::Conv2D<bfloat16>{.geometry = g,
                                                               .x = x,
                                                               .kernel = w,
                                                               .bias = layer.bias.data(),
                                                               .activation = ops::Activation::relu,
                                                               .y = y});
    else if (part == Part::backward_data)
      kernels::conv2d_direct(stream,
                             kernels::Conv2DBackwardData<bfloat16>{.geometry = g, .dy = y, .kernel = w, .dx = x});
    else
      kernels::conv2d_direct(stream,
                             kernels::Conv2DBackwardFilter<bfloat16>{
                                 .geometry = g, .x = x, .dy = y, .dkernel = dw.data(), .scratch = scratch.data()});
  });
}

// Other ways to cut the tensor cores' products up, to be tried on a device: what wins there goes into
// Conv2DTensorPolicy. A row of each is `conv2d_tensor_<name>/...`.
struct FourStages : kernels::Conv2DTensorPolicy {
  static constexpr int stages = 4;
};
struct Depth64 : kernels::Conv2DTensorPolicy {
  static constexpr int tile_depth = 64;
};
struct Rows64 : kernels::Conv2DTensorPolicy {
  static constexpr int tile_rows = 64, warps_down = 2;
};

const bool registered = [] {
  const auto row = [](const std::string& name, auto time, const ops::Conv2DGeometry& g, Part part) {
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& turns) { time(turns, g, part); })
        ->Iterations(bench::turns_once_chosen)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  };
  const auto cudnn_row = [&](const std::string& name, const ops::Conv2DGeometry& g, Part part) {
    row(
        name, [name](auto& turns, const auto& of, Part which) { cudnns(turns, name, of, which); }, g, part);
  };
  for (int batch : {64, 256, 1024})
    for (const auto& [name, g] : shapes::tutorial_convs(batch)) {
      if (!kernels::conv2d_tensor_takes_gradient(g)) continue;
      for (const auto& [words, part] : {std::pair{"forward", Part::forward},
                                        {"forward_statistics", Part::forward_statistics},
                                        {"backward_data", Part::backward_data},
                                        {"backward_data_relu", Part::backward_data_relu},
                                        {"backward_filter", Part::backward_filter}}) {
        const std::string layer = std::string("/") + name + "/batch:" + std::to_string(batch) + "/" + words;
        row("conv2d_tensor" + layer, ours<kernels::Conv2DTensorPolicy>, g, part);
        if (batch == 256) {
          row("conv2d_tensor_four_stages" + layer, ours<FourStages>, g, part);
          row("conv2d_tensor_depth_64" + layer, ours<Depth64>, g, part);
          row("conv2d_tensor_rows_64" + layer, ours<Rows64>, g, part);
        }
        if (part != Part::backward_data_relu || batch == 256) cudnn_row("conv2d_cudnn" + layer, g, part);
      }
    }
  for (const auto& [words, part] : {std::pair{"forward", Part::forward},
                                    {"backward_data", Part::backward_data},
                                    {"backward_filter", Part::backward_filter}}) {
    const ops::Conv2DGeometry g =
        shapes::conv(64, 23, 23, 20, 20, 3);  // not in eights: for ours on tensor cores it is none
    row(std::string("conv2d_direct/20_channels/batch:64/") + words, direct, g, part);
    cudnn_row(std::string("conv2d_cudnn/20_channels/batch:64/") + words, g, part);
  }
  return true;
}();

}  // namespace
