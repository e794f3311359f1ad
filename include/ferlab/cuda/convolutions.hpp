// SPDX-License-Identifier: MIT
// Convolutions by cuDNN, or by our own kernels on tensor cores: for every shape one way to run it, found when the shape
// first comes and kept. It is what cuDNN puts first; with a PlanCache the fastest, timed where the cache does not know
// it yet.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/cuda/convolution.hpp"
#include "ferlab/cuda/cudnn_plans.hpp"
#include "ferlab/cuda/own_convolution.hpp"
#include "ferlab/cuda/plan_cache.hpp"
#include "ferlab/cuda/runtime.hpp"

namespace ferlab::cuda {

/// Does cuDNN run a layer with so many input channels? With few, memory is the limit and tensor cores stay empty: those
/// go to our direct kernels. (cuDNN itself pads channels that are not in eights.) Also decides the order of the kernel
/// in device memory: [filters][kernel][kernel][channels] for cuDNN, Keras's otherwise.
constexpr bool uses_cudnn(int channels) { return channels > 4; }

struct ConvolutionOptions {
  cudnnDataType_t type = CUDNN_DATA_FLOAT;  ///< of x, w, bias and y
  PlanOptions plans;                        ///< which of cuDNN's engines may be used
  bool own = false;                         ///< may our own kernels be used? For bfloat16 only
  std::string device;                       ///< what the cache calls the device
};

/// Not thread-safe. Pointers are to device memory.
class Convolutions {
 public:
  Convolutions() = default;
  Convolutions(cudaStream_t stream, ConvolutionOptions options, PlanCache cache)
      : stream_(stream), options_(std::move(options)), cache_(std::move(cache)) {}

  /// y = activation(x * w + bias); bias may be nullptr.
  void forward(const Conv2DGeometry& g, const void* x, const void* w, const void* bias, Activation activation,
               void* y) {
    run({forward_kind(bias, activation), g}, {.x = x, .w = w, .y = y, .bias = bias});
  }
  /// The same, and the statistics of y. scratch: batch_norm_scratch_size floats.
  void forward_statistics(const Conv2DGeometry& g, const void* x, const void* w, const void* bias,
                          Activation activation, void* y, const BatchStatistics<float>& found, float* scratch) {
    run({forward_kind(bias, activation), g, true},
        {.x = x, .w = w, .y = y, .bias = bias, .statistics = found, .scratch = scratch});
  }
  void backward_data(const Conv2DGeometry& g, const void* dy, const void* w, void* dx) {
    run({Convolution::Kind::data_gradient, g}, {dx, w, dy});
  }
  /// The same, taken on through the ReLU that x came out of. False, and nothing done, where that cannot be had in one
  /// go.
  bool backward_data_relu(const Conv2DGeometry& g, const void* dy, const void* w, const void* x, void* dx) {
    return try_run({Convolution::Kind::data_gradient_relu, g}, {.x = dx, .w = w, .y = dy, .relu = x});
  }
  void backward_filter(const Conv2DGeometry& g, const void* x, const void* dy, void* dw) {
    run({Convolution::Kind::filter_gradient, g}, {x, dw, dy});
  }

 private:
  static Convolution::Kind forward_kind(const void* bias, Activation activation) {
    using Kind = Convolution::Kind;
    return activation == Activation::relu ? (bias ? Kind::bias_relu : Kind::relu) : (bias ? Kind::bias : Kind::plain);
  }

  static constexpr std::size_t tensors = 5;
  using Ids = std::array<std::int64_t, tensors>;  // a graph's numbers of x, w, y, bias, relu; 0: it has none
  /// One way to run a convolution: a plan of cuDNN's or, where there is none, our own kernel.
  struct Way {
    std::optional<ExecutionPlan> plan;
    Ids ids{};
  };

  void run(const Convolution& c, const ConvolutionMemory& memory) {
    if (!try_run(c, memory))
      throw BackendError("cuDNN has no " + std::string(options_.plans.deterministic ? "deterministic " : "") +
                         "plan for " + text(c) + "; try another batch size or precision");
  }
  bool try_run(const Convolution& c, const ConvolutionMemory& memory) {
    auto found = ways_.find(c);
    if (found == ways_.end()) found = ways_.emplace(c, way_for(c, memory)).first;
    if (found->second) run(*found->second, c, memory);
    return found->second.has_value();
  }
  void run(const Way& way, const Convolution& c, const ConvolutionMemory& memory) {
    if (!way.plan) return run_own(stream_, c, memory, workspace_.data());
    const std::array<const void*, tensors> all{memory.x, memory.w, memory.y, memory.bias, memory.relu};
    std::array<std::pair<std::int64_t, void*>, tensors> pointers;
    std::size_t count = 0;
    for (std::size_t i = 0; i < tensors; ++i)
      if (way.ids[i]) pointers[count++] = {way.ids[i], const_cast<void*>(all[i])};
    way.plan->execute(handle(), std::span(pointers.data(), count), workspace_.data());
    if (!c.statistics) return;  // those are no part of cuDNN's graph
    if (options_.type == CUDNN_DATA_FLOAT)
      find_statistics(c.g, static_cast<const float*>(memory.y), memory);
    else
      find_statistics(c.g, static_cast<const bfloat16*>(memory.y), memory);
  }
  template <class V>
  void find_statistics(const Conv2DGeometry& g, const V* y, const ConvolutionMemory& memory) const {
    kernels::batch_statistics(stream_, std::ptrdiff_t(g.batch) * g.out_height * g.out_width, g.filters, y,
                              memory.statistics, memory.scratch);
  }

  std::optional<Way> way_for(const Convolution& c, const ConvolutionMemory& memory) {
    Graph graph;
    const Ids ids = describe(c, graph);
    const PlanTarget target(handle());
    const Recommendations offered(graph, target, options_.plans);
    std::vector<PlanCache::Choice> choices;
    if (options_.own && own_takes(c)) choices.push_back(PlanCache::own_kernel);
    for (std::size_t i = 0; i < offered.size(); ++i) choices.push_back({i, offered.engine(i)});
    const auto make = [&](const PlanCache::Choice& choice) -> std::optional<Way> {
      if (choice == PlanCache::own_kernel) return Way{};
      if (auto plan = offered.plan(choice.position)) return Way{std::move(plan), ids};
      return std::nullopt;
    };

    std::optional<Way> way;
    if (cache_.is_on())
      way = fastest(choices, make, c, memory);
    else
      for (std::size_t i = 0; i < choices.size() && !way; ++i) way = make(choices[i]);
    if (!way) {
      using Mode = Recommendations::Mode;
      auto plan = Recommendations(graph, target, options_.plans, Mode::last_resort).first_plan();
      if (plan) way = {std::move(plan), ids};
    }
    if (way) reserve(workspace_bytes(*way, c));
    return way;
  }

  /// Of the choices that can be made: the one that the cache knows, else the one that runs fastest now.
  template <class Make>
  std::optional<Way> fastest(const std::vector<PlanCache::Choice>& choices, const Make& make, const Convolution& c,
                             const ConvolutionMemory& memory) {
    const std::string key = cache_key(c);
    if (const auto known = cache_.find(key); known && std::ranges::count(choices, *known) > 0)
      if (auto way = make(*known)) return way;
    std::optional<Way> best;
    PlanCache::Choice best_choice{};
    float least = INFINITY;
    for (const PlanCache::Choice& choice : choices) {
      auto way = make(choice);
      if (!way) continue;
      const float milliseconds = time(*way, c, memory);
      if (milliseconds >= least) continue;
      least = milliseconds, best_choice = choice, best = std::move(way);
    }
    if (best) cache_.remember(key, best_choice);
    return best;
  }
  /// The least of three turns, after one that warms up.
  float time(const Way& way, const Convolution& c, ConvolutionMemory memory) {
    memory.statistics.momentum = 1;  // the running ones stay
    reserve(workspace_bytes(way, c));
    run(way, c, memory);
    float least = INFINITY;
    for (int turn = 0; turn < 3; ++turn) {
      const TimedEvent begin, end;
      begin.record(stream_);
      run(way, c, memory);
      end.record(stream_);
      least = std::min(least, end.since(begin));
    }
    return least;
  }

  std::string cache_key(const Convolution& c) const {
    std::string key = options_.device + ", cuDNN " + std::to_string(cudnnGetVersion()) + ", type " +
                      std::to_string(options_.type) + (options_.plans.tensor_cores ? "" : " exact") +
                      (options_.plans.deterministic ? "" : " any") + (options_.own ? " own" : "") + ":";
    for (const int number : c.numbers()) key += " " + std::to_string(number);
    return key;
  }

  /// Adds the operations; returns the numbers of their tensors.
  Ids describe(const Convolution& c, Graph& graph) const {
    const Conv2DGeometry& g = c.g;
    const auto output = [&](Graph::Kind kind) {
      return graph.tensor(options_.type, g.batch, g.out_height, g.out_width, g.filters, kind);
    };
    const GraphTensor x = graph.tensor(options_.type, g.batch, g.height, g.width, g.channels),
                      w = graph.kernel(options_.type, g), y = output(Graph::Kind::elements);
    if (c.kind == Convolution::Kind::data_gradient) {
      graph.convolution_data_gradient(g, y, w, x);
      return {x.id, w.id, y.id};
    }
    if (c.kind == Convolution::Kind::data_gradient_relu) {
      const auto like_x = [&](Graph::Kind kind) {
        return graph.tensor(options_.type, g.batch, g.height, g.width, g.channels, kind);
      };
      const GraphTensor between = like_x(Graph::Kind::between), relu = like_x(Graph::Kind::elements);
      graph.convolution_data_gradient(g, y, w, between);
      graph.relu_backward(between, relu, x);
      return {x.id, w.id, y.id, 0, relu.id};
    }
    if (c.kind == Convolution::Kind::filter_gradient) {
      graph.convolution_filter_gradient(g, x, y, w);
      return {x.id, w.id, y.id};
    }
    GraphTensor last = c.adds_bias() || c.has_relu() ? output(Graph::Kind::between) : y, bias;
    graph.convolution(g, x, w, last);
    if (c.adds_bias()) {
      bias = graph.tensor(options_.type, 1, 1, 1, g.filters);
      const GraphTensor sum = c.has_relu() ? output(Graph::Kind::between) : y;
      graph.add(last, bias, sum);
      last = sum;
    }
    if (c.has_relu()) graph.relu(last, y);
    return {x.id, w.id, y.id, bias.id};
  }

  static std::size_t workspace_bytes(const Way& way, const Convolution& c) {
    return way.plan ? way.plan->workspace_bytes() : own_workspace_bytes(c);
  }
  /// What runs may still use a smaller one: the stream is waited for. Recorded steps keep what they were recorded with.
  void reserve(std::size_t bytes) {
    if (bytes <= workspace_.size()) return;
    check(cudaStreamSynchronize(stream_), "waiting for the device");
    if (workspace_.size() > 0) outgrown_.push_back(std::move(workspace_));
    workspace_ = DeviceBuffer<std::byte>(bytes);
  }

  cudnnHandle_t handle() {
    if (!handle_) {
      cudnnHandle_t made = nullptr;
      check_cudnn(cudnnCreate(&made), "starting cuDNN");
      handle_.reset(made);
      check_cudnn(cudnnSetStream(made, stream_), "giving cuDNN its stream");
    }
    return handle_.get();
  }

  struct Destroy {
    void operator()(cudnnHandle_t handle) const { cudnnDestroy(handle); }
  };
  std::unique_ptr<cudnnContext, Destroy> handle_;
  cudaStream_t stream_ = nullptr;
  ConvolutionOptions options_;
  PlanCache cache_;
  std::map<Convolution, std::optional<Way>> ways_;  // none: there is no way
  DeviceBuffer<std::byte> workspace_;
  std::vector<DeviceBuffer<std::byte>> outgrown_;
};

}  // namespace ferlab::cuda
