// SPDX-License-Identifier: MIT
// Graphs that the backend does not build itself, run by the stand-in for cuDNN.
#include <cstdint>
#include <vector>

#include "ferlab/cuda/convolutions.hpp"
#include "support/catch.hpp"
#include "support/shapes.hpp"

using namespace ferlab;
using cuda::Graph;

namespace {

std::vector<float> numbers(std::size_t n, std::uint32_t seed) {
  std::vector<float> made(n);
  for (float& value : made) value = float((seed = seed * 1664525u + 1013904223u) >> 16 & 15) - 7;
  return made;
}

}  // namespace

TEST_CASE("A convolution's gradient of its input and a ReLU's backward pass are one graph") {
  const Conv2DGeometry g = shapes::conv(2, 5, 4, 3, 6, 3);
  cudnnHandle_t handle = nullptr;
  cuda::check_cudnn(cudnnCreate(&handle), "starting cuDNN");
  auto dy = numbers(std::size_t(2 * 5 * 4 * 6), 1), w = numbers(3 * 3 * 3 * 6, 2), y = numbers(2 * 5 * 4 * 3, 3);
  const auto gradient = [&](bool with_relu) {
    Graph graph;
    const auto image = [&](Graph::Kind kind = Graph::Kind::elements) {
      return graph.tensor(CUDNN_DATA_FLOAT, g.batch, g.height, g.width, g.channels, kind);
    };
    const auto of_output = graph.tensor(CUDNN_DATA_FLOAT, g.batch, g.out_height, g.out_width, g.filters);
    const auto kernel = graph.kernel(CUDNN_DATA_FLOAT, g), dx = image();
    std::vector<float> found(y.size(), 99), workspace(1024);
    std::vector<std::pair<std::int64_t, void*>> memory{
        {of_output.id, dy.data()}, {kernel.id, w.data()}, {dx.id, found.data()}};
    if (with_relu) {
      const auto between = image(Graph::Kind::between), of_relu = image();
      graph.convolution_data_gradient(g, of_output, kernel, between);
      graph.relu_backward(between, of_relu, dx);
      memory.emplace_back(of_relu.id, y.data());
    } else {
      graph.convolution_data_gradient(g, of_output, kernel, dx);
    }
    plans_for(graph, cuda::PlanTarget(handle)).front().execute(handle, memory, workspace.data());
    return found;
  };
  std::vector<float> expected = gradient(false);
  for (std::size_t i = 0; i < y.size(); ++i)
    if (y[i] <= 0) expected[i] = 0;
  CHECK(gradient(true) == expected);
  cudnnDestroy(handle);
}
