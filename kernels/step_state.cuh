// SPDX-License-Identifier: MIT
// The frame of a training step, in device memory: kernels of a captured graph read its numbers there, so that the graph
// is replayed as it is. A loss or gradient that is no number stops all later changes of weights without the host's
// help.
#pragma once

#include "ferlab/core/flat_weights.hpp"
#include "ferlab/core/step_state.hpp"
#include "kernels/device.cuh"

namespace ferlab::kernels {

static __global__ void begin_step_kernel(StepState* state, const float* learning_rates, AdamFactors factors) {
  const double t = double(state->step + 1), rate = double(learning_rates[state->batch]);
  state->learning_rate = float(rate);
  state->step_size = rate * sqrt(1 - pow(double(factors.beta_2), t)) / (1 - pow(double(factors.beta_1), t));
  state->gradient_scale = 1;
}

/// The first kernel of a step: takes its learning rate from a table of the epoch's batches.
inline void begin_step(cudaStream_t stream, StepState* state, const float* learning_rates, const AdamFactors& factors) {
  launch(stream, begin_step_kernel, 1, 1, 0, state, learning_rates, factors);
}

static __global__ void check_loss_kernel(const StepMetrics* metrics, StepState* state) {
  const double loss = metrics->loss_sum;
  if (!(loss - loss == 0)) state->failed = 1;
}

/// Notes where the loss is no longer a number.
inline void check_loss(cudaStream_t stream, const StepMetrics* metrics, StepState* state) {
  launch(stream, check_loss_kernel, 1, 1, 0, metrics, state);
}

static __global__ void end_step_kernel(StepState* state) {
  if (state->bad_gradient) state->failed = 1;
  if (state->failed) return;
  ++state->step;
  ++state->batch;
}

/// The last kernel of a step; a step that failed is not counted.
inline void end_step(cudaStream_t stream, StepState* state) { launch(stream, end_step_kernel, 1, 1, 0, state); }

}  // namespace ferlab::kernels
