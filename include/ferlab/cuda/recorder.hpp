// SPDX-License-Identifier: MIT
// Work as CUDA graphs: for each number of samples it runs as it is called the first time (cuDNN makes its plans then),
// is recorded the second time, and from then on is one launch.
#pragma once

#include <map>
#include <optional>

#include "ferlab/cuda/context.hpp"
#include "ferlab/model/recorder.hpp"

namespace ferlab::detail {

template <Precision P>
class Recorder<Cuda<P>> {
 public:
  template <class Work>
  void run(const Cuda<P>& backend, int count, const Work& work) {
    if (of_ && &of_->convolutions() != &backend.convolutions()) forget();
    of_ = backend;
    const auto found = recorded_.find(count);
    if (found == recorded_.end()) {
      work();
      recorded_.try_emplace(count);  // not before: work that threw has not made its plans
      return;
    }
    cuda::RecordedGraph& graph = found->second;
    if (!graph.exists()) graph = cuda::RecordedGraph(backend.stream(), work);
    graph.launch(backend.stream());
  }
  void forget() { recorded_.clear(); }

 private:
  std::optional<Cuda<P>> of_;  // keeps what the graphs use of cuDNN's and cuBLASLt's memory
  std::map<int, cuda::RecordedGraph> recorded_;
};

}  // namespace ferlab::detail
