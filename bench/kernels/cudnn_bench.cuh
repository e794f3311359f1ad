// SPDX-License-Identifier: MIT
// cuDNN beside our kernels: of its plans for a graph the fastest, each timed here with a cold cache. Deterministic
// plans only, as ours are.
#pragma once

#include <algorithm>
#include <cmath>
#include <exception>
#include <optional>
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

/// How many turns a row takes: a number that is given has the row called once, and its plan chosen once.
inline constexpr int turns_once_chosen = 30;

class FastestPlan {
 public:
  /// Chooses among those that cuDNN recommends, those left out that cannot be made or run. Throws where none is left.
  FastestPlan(const ferlab::cuda::Graph& graph, GraphMemory memory) : memory_(std::move(memory)) {
    const ferlab::cuda::PlanTarget target(cudnn());
    const ferlab::cuda::Recommendations offered(graph, target);
    double least = INFINITY;
    for (const ferlab::cuda::PlanChoice& choice : offered) {
      try {
        auto plan = offered.plan(choice);
        if (!plan) continue;
        Candidate candidate{std::move(*plan), {}};
        candidate.workspace = DeviceBuffer<unsigned char>(candidate.plan.workspace_bytes());
        const auto run = [&] { candidate.plan.execute(cudnn(), memory_, candidate.workspace.data()); };
        run();
        double seconds = INFINITY;
        for (int turn = 0; turn < 3; ++turn) seconds = std::min(seconds, cold_seconds_of(run));
        if (seconds < least) least = seconds, best_ = std::move(candidate);
      } catch (const ferlab::BackendError&) {
      }
    }
    if (!best_) throw std::runtime_error("cuDNN has no deterministic plan for this graph");
  }
  void operator()() const {
    best_->plan.execute(cudnn(), memory_, const_cast<unsigned char*>(best_->workspace.data()));
  }

 private:
  struct Candidate {
    ferlab::cuda::ExecutionPlan plan;
    DeviceBuffer<unsigned char> workspace;
  };
  GraphMemory memory_;
  std::optional<Candidate> best_;
};

/// time(op) with op the fastest plan; the row says why where there is none.
template <class Time>
void with_fastest_plan(benchmark::State& turns, const ferlab::cuda::Graph& graph, GraphMemory memory,
                       const Time& time) {
  try {
    time(FastestPlan(graph, std::move(memory)));
  } catch (const std::exception& error) {
    turns.SkipWithError(error.what());
  }
}

}  // namespace bench
