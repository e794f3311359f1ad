// SPDX-License-Identifier: MIT
// Convolutions by cuDNN: for every shape one plan, made when the shape first comes and kept. It is the one that cuDNN
// puts first; with a PlanCache the fastest, timed where the cache does not know it yet.
#pragma once

#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/core/geometry.hpp"
#include "ferlab/cuda/cudnn_graph.hpp"
#include "ferlab/cuda/plan_cache.hpp"
#include "ferlab/cuda/runtime.hpp"

namespace ferlab::cuda {

/// Does cuDNN take a layer with these channels and filters? Tensor cores want them in eights; others go to our direct
/// kernels. Also decides the order of the kernel in device memory: [filters][kernel][kernel][channels] for cuDNN,
/// Keras's otherwise.
constexpr bool uses_cudnn(int channels, int filters) { return channels % 8 == 0 && filters % 8 == 0; }

/// Not thread-safe. Pointers are to device memory, in the type given at construction.
class Convolutions {
 public:
  Convolutions() = default;
  /// `device`: what the cache calls the device.
  Convolutions(cudaStream_t stream, cudnnDataType_t type, bool tensor_cores, PlanCache cache, std::string device)
      : stream_(stream),
        type_(type),
        tensor_cores_(tensor_cores),
        cache_(std::move(cache)),
        device_(std::move(device)) {}

  /// y = activation(x * w + bias); bias may be nullptr.
  void forward(const Conv2DGeometry& g, const void* x, const void* w, const void* bias, Activation activation,
               void* y) {
    const Kind kind =
        activation == Activation::relu ? (bias ? Kind::bias_relu : Kind::relu) : (bias ? Kind::bias : Kind::plain);
    run(kind, g, {x, w, y, bias});
  }
  void backward_data(const Conv2DGeometry& g, const void* dy, const void* w, void* dx) {
    run(Kind::data_gradient, g, {dx, w, dy, nullptr});
  }
  void backward_filter(const Conv2DGeometry& g, const void* x, const void* dy, void* dw) {
    run(Kind::filter_gradient, g, {x, dw, dy, nullptr});
  }

 private:
  enum class Kind { plain, bias, relu, bias_relu, data_gradient, filter_gradient };
  using Key = std::array<int, 12>;
  using Memory = std::array<const void*, 4>;  // x, w, y, bias
  struct Planned {
    ExecutionPlan plan;
    std::array<std::int64_t, 4> ids;  // of x, w, y, bias; 0: no bias
  };

  static Key key_of(Kind kind, const Conv2DGeometry& g) {
    return {int(kind),   g.batch,   g.height, g.width,  g.channels, g.out_height,
            g.out_width, g.filters, g.kernel, g.stride, g.pad_top,  g.pad_left};
  }

  void run(Kind kind, const Conv2DGeometry& g, const Memory& memory) {
    const Key key = key_of(kind, g);
    auto found = plans_.find(key);
    if (found == plans_.end()) found = plans_.emplace(key, planned(kind, g, memory)).first;
    execute(found->second.plan, found->second.ids, memory);
  }

  void execute(const ExecutionPlan& plan, const std::array<std::int64_t, 4>& ids, const Memory& memory) {
    std::array<std::pair<std::int64_t, void*>, 4> pointers;
    for (std::size_t i = 0; i < 4; ++i) pointers[i] = {ids[i], const_cast<void*>(memory[i])};
    plan.execute(handle(), std::span(pointers.data(), ids[3] ? 4 : 3), workspace_.data());
  }

  /// The place of the plan to take.
  std::size_t chosen(const std::vector<ExecutionPlan>& plans, Kind kind, const Conv2DGeometry& g,
                     const std::array<std::int64_t, 4>& ids, const Memory& memory) {
    if (!cache_.is_on() || plans.size() == 1) return 0;
    std::string key = device_ + ", cuDNN " + std::to_string(cudnnGetVersion()) + ", type " + std::to_string(type_) +
                      (tensor_cores_ ? "" : " exact") + ":";
    for (const int number : key_of(kind, g)) key += " " + std::to_string(number);
    if (const auto known = cache_.find(key);
        known && known->position < plans.size() && plans[known->position].engine() == known->engine)
      return known->position;
    std::size_t best = 0;
    float least = INFINITY;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      reserve(plans[i].workspace_bytes());
      execute(plans[i], ids, memory);
      for (int turn = 0; turn < 3; ++turn) {
        const TimedEvent begin, end;
        begin.record(stream_);
        execute(plans[i], ids, memory);
        end.record(stream_);
        if (const float milliseconds = end.since(begin); milliseconds < least) least = milliseconds, best = i;
      }
    }
    cache_.remember(key, {best, plans[best].engine()});
    return best;
  }

  Planned planned(Kind kind, const Conv2DGeometry& g, const Memory& memory) {
    Graph graph;
    const auto output = [&](Graph::Kind k) {
      return graph.tensor(type_, g.batch, g.out_height, g.out_width, g.filters, k);
    };
    const GraphTensor x = graph.tensor(type_, g.batch, g.height, g.width, g.channels), w = graph.kernel(type_, g),
                      y = output(Graph::Kind::elements);
    GraphTensor bias;
    if (kind == Kind::data_gradient) {
      graph.convolution_data_gradient(g, y, w, x);
    } else if (kind == Kind::filter_gradient) {
      graph.convolution_filter_gradient(g, x, y, w);
    } else {
      const bool adds = kind == Kind::bias || kind == Kind::bias_relu,
                 cuts = kind == Kind::relu || kind == Kind::bias_relu;
      GraphTensor last = adds || cuts ? output(Graph::Kind::between) : y;
      graph.convolution(g, x, w, last);
      if (adds) {
        bias = graph.tensor(type_, 1, 1, 1, g.filters);
        const GraphTensor sum = cuts ? output(Graph::Kind::between) : y;
        graph.add(last, bias, sum);
        last = sum;
      }
      if (cuts) graph.relu(last, y);
    }
    auto plans = plans_for(graph, PlanTarget(handle()), {.tensor_cores = tensor_cores_});
    if (plans.empty())
      throw BackendError("cuDNN has no deterministic plan for a convolution of " + std::to_string(g.batch) +
                         " images of " + std::to_string(g.height) + " x " + std::to_string(g.width) + " x " +
                         std::to_string(g.channels) + " with " + std::to_string(g.filters) + " filters of " +
                         std::to_string(g.kernel) + " x " + std::to_string(g.kernel) +
                         "; try another batch size or precision");
    const std::array ids{x.id, w.id, y.id, bias.id};
    ExecutionPlan& plan = plans[chosen(plans, kind, g, ids, memory)];
    reserve(plan.workspace_bytes());
    return {std::move(plan), ids};
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
  cudnnDataType_t type_ = CUDNN_DATA_FLOAT;
  bool tensor_cores_ = true;
  PlanCache cache_;
  std::string device_;
  std::map<Key, Planned> plans_;
  DeviceBuffer<std::byte> workspace_;
  std::vector<DeviceBuffer<std::byte>> outgrown_;
};

}  // namespace ferlab::cuda
