// SPDX-License-Identifier: MIT
// The frame of a training step, in device memory: kernels of a captured graph read its numbers there, so that the graph
// is replayed as it is. A non-finite loss or gradient stops all later changes of weights without the host's help.
#pragma once

#include "kernels/device.cuh"
#include "kernels/step_state.hpp"

namespace ferlab::kernels {

__device__ inline void apply(const BeginStep& op) {
  op.state->learning_rate = op.learning_rates[op.state->batch];
  op.state->gradient_scale = 1;
  op.state->first_sample = op.state->rank * std::uint64_t(op.samples);
}

__device__ inline void apply(const AdamStepSize& op) {
  const double t = double(op.state->step + 1), rate = double(op.state->learning_rate);
  op.state->step_size = rate * sqrt(1 - pow(double(op.beta_2), t)) / (1 - pow(double(op.beta_1), t));
}

__device__ inline void apply(const CheckLoss& op) {
  const double loss = op.metrics->loss_sum;
  if (!(loss - loss == 0)) op.state->failed = 1;
}

__device__ inline void apply(const EndStep& op) {
  ops::StepState* const state = op.state;
  if (state->bad_gradient) state->failed = 1;
  if (state->failed) return;
  ++state->step;
  ++state->batch;
}

template <class Op>
__global__ void one_thread_kernel(Op op) {
  apply(op);
}

template <class Op>
void run_on_one_thread(cudaStream_t stream, const Op& op) {
  launch(stream, one_thread_kernel<Op>, 1, 1, 0, op);
}

}  // namespace ferlab::kernels
