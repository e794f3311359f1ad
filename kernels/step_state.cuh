// SPDX-License-Identifier: MIT
// What changes from step to step, in device memory: kernels of a captured graph read it there, so that the graph is
// replayed as it is.
#pragma once

#include "ferlab/core/philox.hpp"
#include "kernels/device.cuh"

namespace ferlab::kernels {

struct StepState {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;    ///< optimizer steps done before this one
  std::uint32_t batch = 0;   ///< of the epoch
  float learning_rate = 0;   ///< of this step
  float correction = 1;      ///< Adam's: sqrt(1 - beta_2^t) / (1 - beta_1^t), t counting this step
  float gradient_scale = 1;  ///< what clipping multiplies gradients by
};

/// What training has seen in this epoch, penalties not counted.
struct StepMetrics {
  double loss_sum = 0;  ///< over samples
  long long correct = 0, seen = 0;
};

/// The random numbers of one layer in this step.
struct StepStream {
  const StepState* state;
  std::uint32_t index;  ///< of the layer
  Purpose purpose = Purpose::dropout;
  __device__ RandomStream stream() const { return {state->seed, index, purpose, state->step}; }
};

static __global__ void begin_step_kernel(StepState* state, const float* learning_rates, double beta_1, double beta_2) {
  const double t = double(state->step + 1);
  state->learning_rate = learning_rates[state->batch];
  state->correction = float(sqrt(1 - pow(beta_2, t)) / (1 - pow(beta_1, t)));
  state->gradient_scale = 1;
}

/// The first kernel of a step: takes its learning rate from a table of the epoch's batches. Other optimizers than Adam
/// leave the betas 0.
inline void begin_step(cudaStream_t stream, StepState* state, const float* learning_rates, double beta_1 = 0,
                       double beta_2 = 0) {
  launch(stream, begin_step_kernel, 1, 1, 0, state, learning_rates, beta_1, beta_2);
}

static __global__ void end_step_kernel(StepState* state) {
  ++state->step;
  ++state->batch;
}

/// The last kernel of a step.
inline void end_step(cudaStream_t stream, StepState* state) { launch(stream, end_step_kernel, 1, 1, 0, state); }

}  // namespace ferlab::kernels
