// SPDX-License-Identifier: MIT
// The frame of a training step: the numbers that change from one to the next.
#pragma once

#include <cmath>

#include "ferlab/core/flat_weights.hpp"
#include "ferlab/core/step_state.hpp"
#include "ferlab/cpu/context.hpp"

namespace ferlab {

/// The first op of a step: takes its learning rate from a table of the epoch's batches.
inline void begin_step(const Cpu&, StepState* state, const float* learning_rates, const AdamFactors& factors) {
  const double t = double(state->step + 1);
  state->learning_rate = learning_rates[state->batch];
  const double correction =
      std::sqrt(1 - std::pow(double(factors.beta_2), t)) / (1 - std::pow(double(factors.beta_1), t));
  state->step_size = double(state->learning_rate) * correction;
  state->gradient_scale = 1;
}

/// Notes where the loss is no longer a number.
inline void check_loss(const Cpu&, const StepMetrics* metrics, StepState* state) {
  if (!std::isfinite(metrics->loss_sum)) state->failed = 1;
}

/// The last op of a step; a step that failed is not counted.
inline void end_step(const Cpu&, StepState* state) {
  if (state->failed) return;
  ++state->step;
  ++state->batch;
}

}  // namespace ferlab
