// SPDX-License-Identifier: MIT
// Convolutions by cuDNN, or by our own kernels on tensor cores: for every shape one algorithm, found when the shape
// first comes and kept. It is what cuDNN puts first; with a PlanCache the fastest, timed where the cache does not know
// it yet.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/cuda/convolution_algorithms.hpp"
#include "ferlab/cuda/fastest_algorithm.hpp"
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
  Convolutions(cudaStream_t stream, ConvolutionOptions options, PlanCache cache)
      : stream_(stream), options_(std::move(options)), cache_(std::move(cache)) {}
  Convolutions(const Convolutions&) = delete;
  Convolutions& operator=(const Convolutions&) = delete;

  /// y = activation(x * w + bias); bias may be nullptr.
  void forward(const ops::Conv2DGeometry& g, const void* x, const void* w, const void* bias, ops::Activation activation,
               void* y) {
    run({forward_kind(bias, activation), g}, {.x = x, .w = w, .y = y, .bias = bias});
  }
  /// The same, and the statistics of y. scratch: batch_norm_scratch_size floats.
  void forward_statistics(const ops::Conv2DGeometry& g, const void* x, const void* w, const void* bias,
                          ops::Activation activation, void* y, const kernels::ChannelStatistics& found,
                          float* scratch) {
    run({forward_kind(bias, activation), g, true},
        {.x = x, .w = w, .y = y, .bias = bias, .statistics = found, .scratch = scratch});
  }
  void backward_data(const ops::Conv2DGeometry& g, const void* dy, const void* w, void* dx) {
    run({Convolution::Kind::data_gradient, g}, {dx, w, dy});
  }
  /// The same, propagated through the ReLU and the bias that x came out of. scratch: bias_scratch_size(channels)
  /// floats.
  void backward_data_relu_bias(const ops::Conv2DGeometry& g, const void* dy, const void* w, const void* x, void* dx,
                               void* db, float* scratch) {
    run({Convolution::Kind::data_gradient_relu_bias, g},
        {.x = dx, .w = w, .y = dy, .bias = db, .relu = x, .scratch = scratch});
  }
  void backward_filter(const ops::Conv2DGeometry& g, const void* x, const void* dy, void* dw) {
    run({Convolution::Kind::filter_gradient, g}, {x, dw, dy});
  }

 private:
  static Convolution::Kind forward_kind(const void* bias, ops::Activation activation) {
    using Kind = Convolution::Kind;
    return activation == ops::Activation::relu ? (bias ? Kind::bias_relu : Kind::relu)
                                               : (bias ? Kind::bias : Kind::plain);
  }

  void run(const Convolution& c, const ConvolutionMemory& memory) {
    auto found = algorithms_.find(c);
    if (found == algorithms_.end()) {
      ConvolutionAlgorithm algorithm = algorithm_for(c, memory);
      reserve(algorithm.workspace_bytes);
      found = algorithms_.emplace(c, std::move(algorithm)).first;
    }
    found->second.run(memory, workspace_.data());
  }

  ConvolutionAlgorithm algorithm_for(const Convolution& c, const ConvolutionMemory& memory) {
    const bool own = options_.own && own_takes(c),
               goes_in_two_steps = c.kind == Convolution::Kind::data_gradient_relu_bias;
    const auto in_two_steps = [&] {
      return two_steps(c, options_.type, stream_, [this, g = c.g](const ConvolutionMemory& m) {
        run({Convolution::Kind::data_gradient, g}, {m.x, m.w, m.y});
      });
    };
    // What cuDNN has for that in one step it compiles, a second each: to be worth it, it must be seen to be faster.
    if (goes_in_two_steps && !cache_.is_on()) return own ? own_algorithm(c, stream_) : in_two_steps();

    const auto graph = std::make_shared<ConvolutionGraph>(c, options_.type);
    const PlanTarget target(handle());
    PlanOptions plans = options_.plans;
    if (cache_.is_on() && is_short(c)) plans.most_compiled = 0;  // an epoch's last batch is not worth the seconds
    const Recommendations offered(graph->graph(), target, plans);
    const auto planned = [&](std::optional<ExecutionPlan> plan) -> std::optional<ConvolutionAlgorithm> {
      if (!plan) return std::nullopt;
      return cudnn_algorithm(c, options_.type, graph, std::move(*plan), handle(), stream_);
    };
    const auto make = [&](const PlanChoice& choice) -> std::optional<ConvolutionAlgorithm> {
      if (choice == PlanCache::own_kernel) return own_algorithm(c, stream_);
      if (choice == PlanCache::two_steps) return in_two_steps();
      return planned(offered.plan(choice));
    };

    std::vector<PlanChoice> choices;
    if (own) choices.push_back(PlanCache::own_kernel);
    choices.insert(choices.end(), offered.begin(), offered.end());
    if (goes_in_two_steps) choices.push_back(PlanCache::two_steps);

    std::optional<ConvolutionAlgorithm> algorithm;
    if (cache_.is_on())
      algorithm = fastest(choices, make, c, memory);
    else
      for (std::size_t i = 0; i < choices.size() && !algorithm; ++i) algorithm = make(choices[i]);
    for (const auto mode : {Recommendations::Mode::best, Recommendations::Mode::last_resort})
      if (!algorithm) algorithm = planned(Recommendations(graph->graph(), target, options_.plans, mode).first_plan());
    if (!algorithm)
      throw BackendError("cuDNN has no " + std::string(options_.plans.deterministic ? "deterministic " : "") +
                         "plan for " + text(c) + "; try another batch size or precision");
    return std::move(*algorithm);
  }

  /// Has its shape been trained with larger batches?
  bool is_short(const Convolution& c) const {
    return std::ranges::any_of(algorithms_, [&](const auto& known) {
      Convolution same{c.kind, known.first.g, c.statistics};
      same.g.batch = c.g.batch;
      return known.first.is_gradient() && known.first.g.batch > c.g.batch && same.numbers() == c.numbers();
    });
  }

  /// Of the choices that can be made: the one that the cache knows, else the one that runs fastest now.
  template <class Make>
  std::optional<ConvolutionAlgorithm> fastest(const std::vector<PlanChoice>& choices, const Make& make,
                                              const Convolution& c, const ConvolutionMemory& memory) {
    const std::string key = cache_key(c);
    if (const auto known = cache_.find(key); known && std::ranges::count(choices, *known) > 0)
      if (auto algorithm = make(*known)) return algorithm;
    std::vector<PlanChoice> made;
    std::vector<ConvolutionAlgorithm> algorithms;
    for (const PlanChoice& choice : choices)
      if (auto algorithm = make(choice)) made.push_back(choice), algorithms.push_back(std::move(*algorithm));
    const std::optional<std::size_t> best = fastest_(algorithms, memory);
    if (!best) return std::nullopt;
    cache_.remember(key, made[*best]);
    return std::move(algorithms[*best]);
  }

  std::string cache_key(const Convolution& c) const {
    std::string key = options_.device + ", cuDNN " + std::to_string(cudnnGetVersion()) + ", type " +
                      std::to_string(options_.type) + (options_.plans.tensor_cores ? "" : " exact") +
                      (options_.plans.deterministic ? "" : " any") + (options_.own ? " own" : "") + ":";
    for (const int number : c.numbers()) key += " " + std::to_string(number);
    return key;
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
  FastestAlgorithm fastest_{stream_};
  std::map<Convolution, ConvolutionAlgorithm> algorithms_;
  DeviceBuffer<std::byte> workspace_;
  std::vector<DeviceBuffer<std::byte>> outgrown_;
};

}  // namespace ferlab::cuda
