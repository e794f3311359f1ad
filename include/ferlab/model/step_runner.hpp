// SPDX-License-Identifier: MIT
// How the steps of a loop over batches are run, and when the host sees what they found.
#pragma once

#include "ferlab/core/step_state.hpp"

namespace ferlab {

/// What the host sees of a loop: the state after some step, and what was found until then.
struct StepReport {
  StepState state{};
  StepMetrics metrics{};
};

/// For backends in the host's memory: a step is seen at once. A backend of another kind specialises this.
template <class Backend>
class StepRunner {
 public:
  /// state, metrics: in the backend's memory, where the steps change them.
  StepRunner(const Backend&, const StepState* state, const StepMetrics* metrics) : state_(state), metrics_(metrics) {}

  /// step() is one batch of `count` samples.
  template <class Step>
  void run(const Backend&, int /*count*/, const Step& step) {
    step();
  }
  /// Says that state and metrics were set anew: until a later step is reported, this is what is known.
  void restart(const StepReport&) {}

  /// What is known by now, without waiting.
  StepReport latest(const Backend&) { return {*state_, *metrics_}; }
  /// What there is once all steps have run.
  StepReport finish(const Backend&) { return {*state_, *metrics_}; }

 private:
  const StepState* state_;
  const StepMetrics* metrics_;
};

}  // namespace ferlab
