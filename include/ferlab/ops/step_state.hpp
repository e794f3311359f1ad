// SPDX-License-Identifier: MIT
// What changes from step to step, and what a step finds. Both live in the backend's memory: on a device, kernels read
// and write them there, so that a captured step can be replayed as it is and no step waits for the host.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ferlab/core/philox.hpp"

namespace ferlab::ops {

struct StepState {
  std::uint64_t seed = 0;    ///< of dropout
  std::uint64_t step = 0;    ///< optimizer steps done before this one
  std::uint32_t batch = 0;   ///< of the epoch, from 0
  std::uint32_t failed = 0;  ///< 1: the loss or a gradient is not finite; no step after that changes a weight
  /// 1: a gradient is not finite, though the loss is: a device's ReLU may make 0 of NaN.
  std::uint32_t bad_gradient = 0;
  float learning_rate = 0;  ///< of this step
  double step_size = 0;  ///< learning_rate with Adam's correction: * sqrt(1 - beta_2^t) / (1 - beta_1^t), t = step + 1
  double gradient_scale = 1;       ///< what clipping multiplies gradients by
  std::uint64_t rank = 0;          ///< of this process
  std::uint64_t first_sample = 0;  ///< this rank's first sample in the global batch: addresses random numbers
};

/// The most metrics that one training can watch.
inline constexpr std::size_t max_metrics = 8;

/// Sums over the samples seen.
struct StepMetrics {
  double loss_sum = 0;
  std::int64_t seen = 0;
  std::array<double, max_metrics> sums{};  ///< of the metrics, in their order
};

/// The random numbers of one layer in the step that `state` tells of.
struct StepStream {
  const StepState* state = nullptr;  ///< in the backend's memory
  std::uint32_t index = 0;           ///< of the layer

  constexpr operator RandomStream() const { return {state->seed, index, Purpose::dropout, state->step}; }
};

}  // namespace ferlab::ops
