// SPDX-License-Identifier: MIT
// How the steps of a loop over batches are run, and when the host sees what they found.
#pragma once

#include "ferlab/ops/step_state.hpp"

namespace ferlab::detail {

/// What the host sees of a loop: the state after some step, and what was found until then.
struct StepReport {
  ops::StepState state{};
  ops::StepMetrics metrics{};
};

/// For backends in the host's memory: a step is seen at once. A backend of another kind specialises this.
template <class Backend>
class StepRunner {
  static_assert(Backend::in_host_memory, "ferlab: include this backend's step_runner.hpp");

 public:
  /// state, metrics: in the backend's memory, where the steps change them.
  StepRunner(const Backend&, const ops::StepState* state, const ops::StepMetrics* metrics)
      : state_(state), metrics_(metrics) {}

  /// work() is one batch of `count` samples.
  template <class Work>
  void run(const Backend&, int /*count*/, const Work& work) {
    work();
  }
  /// The same in two halves, and what comes between them.
  template <class First, class Between, class Second>
  void run(const Backend&, int /*count*/, const First& first, const Between& between, const Second& second) {
    first();
    between();
    second();
  }
  /// Says that state and metrics were set anew: until a later step is reported, this is what is known.
  void restart(const StepReport&) {}

  /// What is known by now, without waiting.
  StepReport latest(const Backend&) { return {*state_, *metrics_}; }
  /// What there is once all steps have run.
  StepReport finish(const Backend&) { return {*state_, *metrics_}; }

 private:
  const ops::StepState* state_;
  const ops::StepMetrics* metrics_;
};

}  // namespace ferlab::detail
