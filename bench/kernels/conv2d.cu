// SPDX-License-Identifier: MIT
// The tensor-core convolutions at the tutorial net's layers (the shapes that the tests check), batch 64, 256 and 1024.
#include "kernels/conv2d_tensor.cuh"
#include "device_bench.cuh"
#include "support/shapes.hpp"

namespace {

using namespace ferlab;
using bench::DeviceMemory;

constexpr cudaStream_t stream = nullptr;

enum class Part { forward, forward_statistics, backward_data, backward_filter };

void convolution(benchmark::State& turns, const Conv2DGeometry& g, Part part) {
  const std::size_t x_size = std::size_t(g.batch) * std::size_t(g.height * g.width) * std::size_t(g.channels);
  const std::size_t y_size = std::size_t(g.batch) * std::size_t(g.out_height * g.out_width) * std::size_t(g.filters);
  const std::size_t w_size = std::size_t(g.kernel * g.kernel) * std::size_t(g.channels) * std::size_t(g.filters);
  const std::size_t f = std::size_t(g.filters);
  DeviceMemory<bfloat16> x(x_size), y(y_size), w(w_size);
  DeviceMemory<float> bias(f), dw(w_size), mean(f), inv_std(f), moving_mean(f), moving_variance(f);
  DeviceMemory<float> scratch(std::max(kernels::conv2d_tensor_backward_filter_scratch_size(g),
                                       kernels::conv2d_tensor_statistics_scratch_size(g)));
  bench::fill(x_size, x.data());
  bench::fill(y_size, y.data());
  bench::fill(w_size, w.data());
  const double operations = 2.0 * double(y_size) * g.kernel * g.kernel * g.channels;
  bench::run_compute_bound(turns, operations, [&] {
    switch (part) {
      case Part::forward:
        return kernels::conv2d_tensor_forward(stream, g, x.data(), w.data(), bias.data(), Activation::relu, y.data());
      case Part::forward_statistics:
        return kernels::conv2d_tensor_forward_statistics(stream, g, x.data(), w.data(), bias.data(), Activation::relu,
                                                         y.data(), 1e-3f, 0.99f, mean.data(), inv_std.data(),
                                                         moving_mean.data(), moving_variance.data(), scratch.data());
      case Part::backward_data:
        return kernels::conv2d_tensor_backward_data(stream, g, y.data(), w.data(), x.data());
      case Part::backward_filter:
        return kernels::conv2d_tensor_backward_filter(stream, g, x.data(), y.data(), dw.data(), scratch.data());
    }
  });
}

const bool registered = [] {
  for (int batch : {64, 256, 1024})
    for (const auto& [name, g] : shapes::tutorial_convs(batch)) {
      if (!kernels::conv2d_tensor_takes_gradient(g)) continue;
      for (const auto& [words, part] : {std::pair{"forward", Part::forward},
                                        {"forward_statistics", Part::forward_statistics},
                                        {"backward_data", Part::backward_data},
                                        {"backward_filter", Part::backward_filter}})
        benchmark::RegisterBenchmark(
            (std::string("conv2d_tensor/") + name + "/batch:" + std::to_string(batch) + "/" + words).c_str(),
            [g = g, part = part](benchmark::State& turns) { convolution(turns, g, part); })
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);
    }
  return true;
}();

}  // namespace
