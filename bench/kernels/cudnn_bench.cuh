// SPDX-License-Identifier: MIT
// cuDNN beside our kernels: of its plans for a graph the fastest, each timed here with a cold cache. Deterministic
// plans only, as ours are.
#pragma once

#include <cmath>
#include <exception>
#include <utility>
#include <vector>

#include "device_bench.cuh"
#include "ferlab/cuda/cudnn_plans.hpp"

namespace bench {

inline cudnnHandle_t cudnn() {
  static const cudnnHandle_t handle = [] {
    cudnnHandle_t made = nullptr;
    ferlab::cuda::check_cudnn(cudnnCreate(&made), "starting cuDNN");
    return made;
  }();
  return handle;
}

/// The number of each of a graph's tensors, and its memory.
using GraphMemory = std::vector<std::pair<std::int64_t, void*>>;

class FastestPlan {
 public:
  /// Chooses among the first `most` that cuDNN recommends. Throws where there is none.
  FastestPlan(const ferlab::cuda::Graph& graph, GraphMemory memory, int most) : memory_(std::move(memory)) {
    const ferlab::cuda::PlanTarget target(cudnn());
    const ferlab::cuda::Recommendations offered(graph, target, {.most = most});
    for (std::size_t i = 0; i < offered.size(); ++i)
      if (auto plan = offered.plan(i)) plans_.push_back(std::move(*plan));
    if (plans_.empty()) throw std::runtime_error("cuDNN has no deterministic plan for this graph");
    std::size_t workspace = 1;
    for (const auto& plan : plans_) workspace = std::max(workspace, plan.workspace_bytes());
    workspace_ = DeviceBuffer<unsigned char>(workspace);
    double least = INFINITY;
    for (std::size_t i = 0, best = 0; i < plans_.size(); ++i) {
      chosen_ = i;
      (*this)();
      for (int turn = 0; turn < 3; ++turn)
        if (const double seconds = cold_seconds_of(*this); seconds < least) least = seconds, best = i;
      chosen_ = best;
    }
  }
  void operator()() const { plans_[chosen_].execute(cudnn(), memory_, workspace_pointer()); }

 private:
  void* workspace_pointer() const { return const_cast<unsigned char*>(workspace_.data()); }

  GraphMemory memory_;
  std::vector<ferlab::cuda::ExecutionPlan> plans_;
  DeviceBuffer<unsigned char> workspace_;
  std::size_t chosen_ = 0;
};

/// time(op) with op the fastest plan; the row says why where there is none.
template <class Time>
void with_fastest_plan(benchmark::State& turns, const ferlab::cuda::Graph& graph, GraphMemory memory, int most,
                       const Time& time) {
  try {
    time(FastestPlan(graph, std::move(memory), most));
  } catch (const std::exception& error) {
    turns.SkipWithError(error.what());
  }
}

}  // namespace bench
