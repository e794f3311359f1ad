// SPDX-License-Identifier: MIT
// Which of several algorithms for a convolution is the fastest, by running them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "ferlab/cuda/convolution_algorithms.hpp"
#include "ferlab/cuda/runtime.hpp"

namespace ferlab::cuda {

/// Each is recorded, so that the host's work does not count, and all are recorded before one is timed. Then they take
/// turns, for a device's clock changes meanwhile, and of each the least counts. A device that idled is slow: the first
/// time they run for a while before that.
class FastestAlgorithm {
 public:
  explicit FastestAlgorithm(cudaStream_t stream) : stream_(stream) {}

  /// The place of the fastest among `algorithms`; none where none works out, as for want of memory. Overwrites what the
  /// convolution writes, but for running statistics.
  std::optional<std::size_t> operator()(std::span<const ConvolutionAlgorithm> algorithms, ConvolutionMemory memory) {
    memory.statistics.momentum = 1;  // the running ones stay
    std::vector<DeviceBuffer<std::byte>> workspaces(1);
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < algorithms.size(); ++i)
      if (std::optional<RecordedGraph> graph = recorded(algorithms[i], memory, workspaces))
        candidates.push_back({i, std::move(*graph)});
    if (candidates.empty()) return std::nullopt;
    warm_up(candidates);
    for (int round = 0; round < rounds; ++round) {
      for (Candidate& candidate : candidates) candidate.least = std::min(candidate.least, time(candidate.graph));
      const float enough = far_behind * fastest_of(candidates).least;
      std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.least > enough; });
    }
    return fastest_of(candidates).place;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr int turns = 5, rounds = 3;
  static constexpr float far_behind = 1.25f;  ///< times the fastest: not timed again
  static constexpr std::chrono::milliseconds warming{50};

  struct Candidate {
    std::size_t place;
    RecordedGraph graph;
    float least = std::numeric_limits<float>::infinity();
  };

  static const Candidate& fastest_of(const std::vector<Candidate>& candidates) {
    return *std::ranges::min_element(candidates, {}, &Candidate::least);
  }

  /// A few turns; none where the algorithm does not work out. The last of the workspaces is the largest; those that
  /// graphs were recorded with stay.
  std::optional<RecordedGraph> recorded(const ConvolutionAlgorithm& algorithm, const ConvolutionMemory& memory,
                                        std::vector<DeviceBuffer<std::byte>>& workspaces) const {
    try {
      if (algorithm.workspace_bytes > workspaces.back().size()) workspaces.emplace_back(algorithm.workspace_bytes);
      void* const workspace = workspaces.back().data();
      algorithm.run(memory, workspace);
      RecordedGraph graph(stream_, [&] {
        for (int i = 0; i < turns; ++i) algorithm.run(memory, workspace);
      });
      launch(graph);
      return graph;
    } catch (const BackendError&) {
      cudaGetLastError();  // others shall not find it
      return std::nullopt;
    }
  }

  void launch(const RecordedGraph& graph) const {
    graph.launch(stream_);
    check(cudaStreamSynchronize(stream_), "trying an algorithm for a convolution");
  }

  void warm_up(const std::vector<Candidate>& candidates) {
    if (warm_) return;
    const auto end = Clock::now() + warming;
    while (Clock::now() < end)
      for (const Candidate& candidate : candidates) launch(candidate.graph);
    warm_ = true;
  }

  float time(const RecordedGraph& graph) const {
    const TimedEvent begin, end;
    begin.record(stream_);
    graph.launch(stream_);
    end.record(stream_);
    return end.since(begin);
  }

  cudaStream_t stream_;
  bool warm_ = false;
};

}  // namespace ferlab::cuda
