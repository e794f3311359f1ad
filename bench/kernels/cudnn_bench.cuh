// SPDX-License-Identifier: MIT
// cuDNN beside our kernels: of its plans for a graph the fastest, each timed here with a cold cache. Deterministic
// plans only, as ours are.
#pragma once

#include <algorithm>
#include <cmath>
#include <exception>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
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

/// How many turns a row takes: a number that is given has the row called once a repetition.
inline constexpr int turns_once_chosen = 30;

class FastestPlan {
 public:
  /// Chooses among those that cuDNN recommends, those left out that cannot be made or run.
  FastestPlan(ferlab::cuda::Graph graph, const GraphMemory& memory) : graph_(std::move(graph)) {
    const ferlab::cuda::PlanTarget target(cudnn());
    const ferlab::cuda::Recommendations offered(graph_, target);
    double least = INFINITY;
    for (const ferlab::cuda::PlanChoice& choice : offered) {
      try {
        auto plan = offered.plan(choice);
        if (!plan) continue;
        Candidate candidate{std::move(*plan), {}};
        candidate.workspace = DeviceBuffer<unsigned char>(candidate.plan.workspace_bytes());
        const auto run = [&] { candidate.run(memory); };
        run();
        double seconds = INFINITY;
        for (int turn = 0; turn < 3; ++turn) seconds = std::min(seconds, cold_seconds_of(run));
        if (seconds < least) least = seconds, best_ = std::move(candidate);
      } catch (const ferlab::BackendError&) {
      }
    }
  }
  /// Throws where there is no plan.
  void run(const GraphMemory& memory) {
    if (!best_) throw std::runtime_error("cuDNN has no deterministic plan for this graph");
    best_->run(memory);
  }

 private:
  struct Candidate {
    ferlab::cuda::ExecutionPlan plan;
    DeviceBuffer<unsigned char> workspace;
    void run(const GraphMemory& memory) { plan.execute(cudnn(), memory, workspace.data()); }
  };
  ferlab::cuda::Graph graph_;  // the plan's
  std::optional<Candidate> best_;
};

inline std::map<std::string, FastestPlan>& plans_by_row() {
  static std::map<std::string, FastestPlan> plans;
  return plans;
}

/// time(op) with op the fastest plan; the row says why where there is none. Chosen once for each `row`, for a choice
/// may take seconds and each repetition calls the row again.
template <class Time>
void with_fastest_plan(benchmark::State& turns, const std::string& row, ferlab::cuda::Graph graph,
                       const GraphMemory& memory, const Time& time) {
  try {
    auto& plans = plans_by_row();
    auto chosen = plans.find(row);
    if (chosen == plans.end()) chosen = plans.emplace(row, FastestPlan(std::move(graph), memory)).first;
    time([&] { chosen->second.run(memory); });
  } catch (const std::exception& error) {
    turns.SkipWithError(error.what());
  }
}

}  // namespace bench
