// SPDX-License-Identifier: MIT
// The frame of a training step: what its kernels, of one thread each, are given.
#pragma once

#include "ferlab/ops/step_state.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// The first kernel of a step: state->learning_rate = learning_rates[state->batch], gradient_scale = 1, first_sample =
/// rank * samples.
struct BeginStep {
  int samples;
  ops::StepState* state;
  const float* learning_rates;  ///< of the epoch's batches
};

/// state->step_size = learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) with t = state->step + 1: after BeginStep,
/// before Adam.
struct AdamStepSize {
  ops::StepState* state;
  float beta_1 = 0.9f, beta_2 = 0.999f;
};

/// Notes in state->failed where the loss is non-finite.
struct CheckLoss {
  const ops::StepMetrics* metrics;
  ops::StepState* state;
};

/// The last kernel of a step; a step that failed is not counted.
struct EndStep {
  ops::StepState* state;
};

/// Each of them.
template <class Op>
void run_on_one_thread(cudaStream_t, const Op&);

inline void run(cudaStream_t stream, const BeginStep& op) { run_on_one_thread(stream, op); }
inline void run(cudaStream_t stream, const AdamStepSize& op) { run_on_one_thread(stream, op); }
inline void run(cudaStream_t stream, const CheckLoss& op) { run_on_one_thread(stream, op); }
inline void run(cudaStream_t stream, const EndStep& op) { run_on_one_thread(stream, op); }

}  // namespace ferlab::kernels
