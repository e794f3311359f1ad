// SPDX-License-Identifier: MIT
// Steps as CUDA graphs: the first of each size runs as it is called (cuDNN makes its plans then), the second is
// recorded, and from then on the whole step is one launch. The host reads what was found when it arrives, and never
// waits for it.
#pragma once

#include <map>

#include "ferlab/cuda/context.hpp"
#include "ferlab/train/step_runner.hpp"

namespace ferlab {

template <Precision P>
class StepRunner<Cuda<P>> {
 public:
  StepRunner(const Cuda<P>&, const StepState* state, const StepMetrics* metrics) : state_(state), metrics_(metrics) {}

  template <class Step>
  void run(const Cuda<P>& backend, int count, const Step& step) {
    const auto found = recorded_.find(count);
    if (found == recorded_.end()) {
      step();
      recorded_.try_emplace(count);  // not before: a step that threw has not made its plans
      return;
    }
    cuda::RecordedGraph& graph = found->second;
    if (!graph.exists()) graph = cuda::RecordedGraph(backend.stream(), step);
    graph.launch(backend.stream());
  }

  void restart(const StepReport& from) {
    seen_ = from;
    asked_ = false;  // what is still on its way was found before
  }

  StepReport latest(const Cuda<P>& backend) {
    if (asked_ && arrival_.has_come()) {
      seen_ = *arriving_;
      asked_ = false;
    }
    if (!asked_) ask(backend);
    return seen_;
  }
  StepReport finish(const Cuda<P>& backend) {
    ask(backend);
    backend.synchronize();
    asked_ = false;
    return seen_ = *arriving_;
  }

 private:
  const StepState* state_;
  const StepMetrics* metrics_;
  std::map<int, cuda::RecordedGraph> recorded_;
  cuda::PinnedValue<StepReport> arriving_;
  cuda::Event arrival_;
  bool asked_ = false;
  StepReport seen_;

  void ask(const Cuda<P>& backend) {
    const auto copy = [&](void* to, const void* from, std::size_t bytes) {
      cuda::check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, backend.stream()), "reading metrics");
    };
    copy(&arriving_->state, state_, sizeof *state_);
    copy(&arriving_->metrics, metrics_, sizeof *metrics_);
    arrival_.record(backend.stream());
    asked_ = true;
  }
};

}  // namespace ferlab
