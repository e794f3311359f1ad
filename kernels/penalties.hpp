// SPDX-License-Identifier: MIT
// What is summed over all weights: what the kernels are given.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ferlab/ops/step_state.hpp"
#include "kernels/reduce.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// The L2 factors along the flat buffer of weights: segment k ends before end[k]. Segments begin at multiples of 4.
struct Penalties {
  static constexpr int most = 32;
  int count = 0;
  std::ptrdiff_t end[most] = {};
  float l2[most] = {};
};

/// metrics->loss_sum += samples * (the sum of l2 * weight^2).
struct AddPenalties {
  std::ptrdiff_t count;  ///< of weights
  const float* weights;
  Penalties penalties;
  std::int64_t samples;
  ops::StepMetrics* metrics;
  double* scratch;  ///< reduce_scratch_size()
};
template <class Policy>
void run(cudaStream_t, const AddPenalties&);
inline void run(cudaStream_t stream, const AddPenalties& op) { run<ReducePolicy>(stream, op); }

/// state->gradient_scale = what brings the norm over all gradients, penalties' parts (2 * l2 * weight) included, down
/// to clipnorm.
template <class G>
struct ClipByGlobalNorm {
  std::ptrdiff_t count;
  const float* weights;
  const G* gradients;
  Penalties penalties = {};
  float clipnorm;
  ops::StepState* state;
  double* scratch;  ///< reduce_scratch_size()
};
template <class G>
void run(cudaStream_t, const ClipByGlobalNorm<G>&);

}  // namespace ferlab::kernels
