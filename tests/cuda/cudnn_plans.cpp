// SPDX-License-Identifier: MIT
// cuDNN's planner needs no device: does it have a deterministic engine for every convolution of the tutorial's net on
// an H100? (h100.json describes one as its documentation does; it was not read off a device.) Nothing is run.
//
// Some graphs cuDNN runs by kernels that it compiles at run time: batch norm, and what follows a gradient of the input.
// To finish such a plan it needs a driver; without one it can be asked only whether it recommends an engine.
#include <dlfcn.h>

#include <fstream>
#include <iterator>
#include <optional>

#include "ferlab/cuda/cudnn_plans.hpp"
#include "support/catch.hpp"
#include "support/shapes.hpp"

using namespace ferlab;
using cuda::Graph;

namespace {

/// cuDNN recommends no engine that compiles where there is no libcuda.so.1. The toolkit's stub goes by that name.
bool has_driver() {
  static const bool found = [] {
    if (dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL)) return true;
#ifdef FERLAB_TEST_DRIVER
    if (dlopen(FERLAB_TEST_DRIVER, RTLD_NOW | RTLD_GLOBAL)) return true;
#endif
    WARN("there is neither a driver nor the toolkit's stub of it: not asked for engines that compile");
    return false;
  }();
  return found;
}

const cuda::PlanTarget& h100() {
  static const cuda::PlanTarget target = [] {
    has_driver();
    std::ifstream file(FERLAB_TEST_DEVICE);
    return cuda::PlanTarget(std::string(std::istreambuf_iterator<char>(file), {}));
  }();
  return target;
}

/// All layers at the batch sizes that are trained with; the first with its one channel padded to eight.
std::vector<shapes::Conv> layers() {
  std::vector<shapes::Conv> all;
  for (int batch : {1, 64, 256, 1024})
    for (shapes::Conv layer : shapes::tutorial_convs(batch)) {
      if (layer.geometry.channels == 1) layer.geometry.channels = 8;
      all.push_back(layer);
    }
  return all;
}

struct Tensors {
  cuda::GraphTensor x, w, y;
  Tensors(Graph& graph, cudnnDataType_t type, const ops::Conv2DGeometry& g)
      : x(graph.tensor(type, g.batch, g.height, g.width, g.channels)),
        w(graph.kernel(type, g)),
        y(graph.tensor(type, g.batch, g.out_height, g.out_width, g.filters)) {}
};

/// The best plan that can be made, one of the last resort where there is no other: what the backend takes.
std::optional<cuda::ExecutionPlan> plan_for(const Graph& graph, const cuda::PlanTarget& target,
                                            cuda::PlanOptions options = {}) {
  using cuda::Recommendations;
  if (auto made = Recommendations(graph, target, options).first_plan()) return made;
  return Recommendations(graph, target, options, Recommendations::Mode::last_resort).first_plan();
}

/// How many deterministic engines cuDNN recommends.
std::size_t recommended(const Graph& graph) { return cuda::Recommendations(graph, h100()).size(); }

}  // namespace

TEST_CASE("cuDNN recommends engines for a gradient of the input with ReLU's, and for batch norm") {
  if (!has_driver()) return;
  const cudnnDataType_t type = CUDNN_DATA_BFLOAT16;
  for (const auto& [name, g] : layers()) {
    INFO(name << ", " << shapes::text(g));
    const auto output = [&](Graph& graph) { return graph.tensor(type, g.batch, g.out_height, g.out_width, g.filters); };
    if (name != std::string("c1")) {  // what enters it has no gradient
      Graph graph;
      const Tensors t(graph, type, g);
      const auto dx = graph.tensor(type, g.batch, g.height, g.width, g.channels);
      const auto between = graph.tensor(type, g.batch, g.height, g.width, g.channels, Graph::Kind::between);
      graph.convolution_data_gradient(g, t.y, t.w, between);
      graph.relu_backward(between, t.x, dx);
      CHECK(recommended(graph) > 0);
    }
    {
      Graph graph;
      const auto x = output(graph), y = output(graph);
      const auto epsilon = graph.scalar(), factor = graph.scalar();
      graph.batch_norm_forward_training(x, graph.batch_norm_tensors(g.filters), epsilon, factor, y);
      CHECK(recommended(graph) > 0);
    }
    {
      Graph graph;
      const auto x = output(graph), dy = output(graph), dx = output(graph);
      const auto t = graph.batch_norm_tensors(g.filters);
      const auto dscale = graph.tensor(CUDNN_DATA_FLOAT, 1, 1, 1, g.filters),
                 dbias = graph.tensor(CUDNN_DATA_FLOAT, 1, 1, 1, g.filters);
      graph.batch_norm_backward(x, dy, t, dx, dscale, dbias);
      CHECK(recommended(graph) > 0);
    }
  }
}

TEST_CASE("cuDNN has a plan for every convolution of the tutorial's net") {
  for (const cudnnDataType_t type : {CUDNN_DATA_BFLOAT16, CUDNN_DATA_FLOAT})
    for (const auto& [name, g] : layers()) {
      INFO(name << ", " << shapes::text(g) << (type == CUDNN_DATA_FLOAT ? ", float" : ", bfloat16"));
      {
        Graph graph;
        const Tensors t(graph, type, g);
        const auto bias = graph.tensor(type, 1, 1, 1, g.filters);
        const auto between = [&] {
          return graph.tensor(type, g.batch, g.out_height, g.out_width, g.filters, Graph::Kind::between);
        };
        const auto product = between(), sum = between();
        graph.convolution(g, t.x, t.w, product);
        graph.add(product, bias, sum);
        graph.relu(sum, t.y);
        CHECK(plan_for(graph, h100()));
      }
      {
        Graph graph;
        const Tensors t(graph, type, g);
        graph.convolution_data_gradient(g, t.y, t.w, t.x);
        CHECK(plan_for(graph, h100()));
      }
      {
        Graph graph;
        const Tensors t(graph, type, g);
        graph.convolution_filter_gradient(g, t.x, t.y, t.w);
        CHECK(plan_for(graph, h100()));
      }
    }
}

TEST_CASE("cuDNN has plans in float without tensor cores") {
  for (const int batch : {1, 37, 64, 1024}) {  // 37: what 64 leaves of the training data
    std::vector<shapes::Conv> all = shapes::tutorial_convs(batch);
    std::erase_if(all, [](const shapes::Conv& c) { return c.geometry.channels % 8 != 0; });
    for (const auto& [name, g] : all)
      for (const auto& [type, tensor_cores] :
           {std::pair{CUDNN_DATA_FLOAT, false}, {CUDNN_DATA_FLOAT, true}, {CUDNN_DATA_BFLOAT16, true}}) {
        INFO(name << ", " << shapes::text(g) << ", type " << type << ", tensor cores " << tensor_cores);
        const cuda::PlanOptions options{.tensor_cores = tensor_cores};
        {
          Graph graph;
          const Tensors t(graph, type, g);
          const auto bias = graph.tensor(type, 1, 1, 1, g.filters);
          const auto product = graph.tensor(type, g.batch, g.out_height, g.out_width, g.filters, Graph::Kind::between);
          graph.convolution(g, t.x, t.w, product);
          graph.add(product, bias, t.y);
          CHECK(plan_for(graph, h100(), options));
        }
        {
          Graph graph;
          const Tensors t(graph, type, g);
          graph.convolution_data_gradient(g, t.y, t.w, t.x);
          CHECK(plan_for(graph, h100(), options));
        }
        {
          Graph graph;
          const Tensors t(graph, type, g);
          graph.convolution_filter_gradient(g, t.x, t.y, t.w);
          CHECK(plan_for(graph, h100(), options));
        }
      }
  }
}

TEST_CASE("Engines for exact floats are found behind all those with tensor cores") {
  for (const auto& [name, g] : shapes::tutorial_convs(64)) {
    if (g.channels % 8 != 0) continue;
    INFO(name);
    Graph graph;
    const Tensors t(graph, CUDNN_DATA_FLOAT, g);
    graph.convolution(g, t.x, t.w, t.y);
    CHECK(cuda::Recommendations(graph, h100(), {.tensor_cores = false}).size() > 0);
  }
}

TEST_CASE("cuDNN has plans for channels that tensor cores would have padded") {
  for (const auto& [channels, filters] : {std::pair{9, 7}, {12, 20}, {100, 30}, {64, 10}})
    for (const auto& [type, tensor_cores] :
         {std::pair{CUDNN_DATA_FLOAT, false}, {CUDNN_DATA_FLOAT, true}, {CUDNN_DATA_BFLOAT16, true}}) {
      INFO(channels << " channels, " << filters << " filters, type " << type << ", tensor cores " << tensor_cores);
      const ops::Conv2DGeometry g = shapes::conv(64, 24, 24, channels, filters, 3);
      Graph forward, data, filter;
      const Tensors f(forward, type, g), d(data, type, g), w(filter, type, g);
      forward.convolution(g, f.x, f.w, f.y);
      data.convolution_data_gradient(g, d.y, d.w, d.x);
      filter.convolution_filter_gradient(g, w.x, w.y, w.w);
      for (const Graph* graph : {&forward, &data, &filter})
        CHECK(plan_for(*graph, h100(), {.tensor_cores = tensor_cores}));
    }
}

TEST_CASE("What cuDNN refuses is an error in its own words") {
  Graph graph;
  const ops::Conv2DGeometry g = shapes::conv(2, 8, 8, 8, 16, 3);
  const auto x = graph.tensor(CUDNN_DATA_BFLOAT16, 2, 8, 8, 8), w = graph.kernel(CUDNN_DATA_BFLOAT16, g);
  const auto wrong = graph.tensor(CUDNN_DATA_BFLOAT16, 2, 9, 8, 16);
  REQUIRE_THROWS_AS(graph.convolution(g, x, w, wrong), BackendError);
  REQUIRE_THROWS_AS(cuda::PlanTarget("{}"), BackendError);
}

TEST_CASE("cuDNN recommends nothing for a ReLU's gradient and a batch norm's as one graph, in bfloat16") {
  Graph graph;
  const auto image = [&](Graph::Kind kind = Graph::Kind::elements) {
    return graph.tensor(CUDNN_DATA_BFLOAT16, 64, 23, 23, 128, kind);
  };
  const auto x = image(), y = image(), dy = image(), between = image(Graph::Kind::between), dx = image();
  const auto t = graph.batch_norm_tensors(128), gradients = graph.batch_norm_tensors(128);
  graph.relu_backward(dy, y, between);
  graph.batch_norm_backward(x, between, t, dx, gradients.scale, gradients.bias);
  CHECK(recommended(graph) == 0);
}

TEST_CASE("A description of a device comes back as it was given") {
  std::ifstream file(FERLAB_TEST_DEVICE);
  const std::string given(std::istreambuf_iterator<char>(file), {});
  const auto found =
      cuda::PlanTarget(given).device()->values<char>(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR);
  CHECK(std::string(found.begin(), found.end()) == given);
}
