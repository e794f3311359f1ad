// SPDX-License-Identifier: MIT
// Steps as CUDA graphs. The host reads what was found when it arrives, and never waits for it.
#pragma once

#include "ferlab/cuda/recorder.hpp"
#include "ferlab/model/step_runner.hpp"

namespace ferlab::detail {

template <Precision P>
class StepRunner<Cuda<P>> {
 public:
  StepRunner(const Cuda<P>&, const ops::StepState* state, const ops::StepMetrics* metrics)
      : state_(state), metrics_(metrics) {}

  template <class Work>
  void run(const Cuda<P>& backend, int count, const Work& work) {
    first_.run(backend, count, work);
  }
  /// Each half is a recording of its own: what comes between them is not recorded.
  template <class First, class Between, class Second>
  void run(const Cuda<P>& backend, int count, const First& first, const Between& between, const Second& second) {
    first_.run(backend, count, first);
    between();
    second_.run(backend, count, second);
  }

  void restart(const StepReport& from) {
    seen_ = from;
    asked_ = false;  // what is still on its way was found before
  }

  StepReport latest(const Cuda<P>& backend) {
    if (asked_ && arrival_.has_come()) {
      seen_ = *arriving_.data();
      asked_ = false;
    }
    if (!asked_) ask(backend);
    return seen_;
  }
  StepReport finish(const Cuda<P>& backend) {
    ask(backend);
    backend.synchronize();
    asked_ = false;
    return seen_ = *arriving_.data();
  }

 private:
  const ops::StepState* state_;
  const ops::StepMetrics* metrics_;
  Recorder<Cuda<P>> first_, second_;
  cuda::PinnedBuffer<StepReport> arriving_{1};
  cuda::Event arrival_;
  bool asked_ = false;
  StepReport seen_;

  void ask(const Cuda<P>& backend) {
    const auto copy = [&](void* to, const void* from, std::size_t bytes) {
      cuda::check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, backend.stream()), "reading metrics");
    };
    copy(&arriving_.data()->state, state_, sizeof *state_);
    copy(&arriving_.data()->metrics, metrics_, sizeof *metrics_);
    arrival_.record(backend.stream());
    asked_ = true;
  }
};

}  // namespace ferlab::detail
