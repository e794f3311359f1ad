// SPDX-License-Identifier: MIT
// What is summed over all weights: the L2 penalty in the reported loss, and the gradient's norm that clipping looks at.
// Each reads the flat buffers once.
#pragma once

#include "kernels/reduce.cuh"
#include "kernels/step_state.cuh"
#include "kernels/types.hpp"

namespace ferlab::kernels {

/// The factor of weight i.
__device__ inline float l2_at(const Penalties& penalties, std::ptrdiff_t i) {
  int k = 0;
  while (k + 1 < penalties.count && i >= penalties.end[k]) ++k;
  return penalties.count > 0 ? penalties.l2[k] : 0.0f;
}

struct PenaltyTerms {
  const float* weights;
  Penalties penalties;
  template <int N>
  __device__ float term(std::ptrdiff_t i) const {
    const float l2 = l2_at(penalties, i);
    if (l2 == 0) return 0;
    const Floats<N> weight = load<N>(weights + i);
    float sum = 0;
    for (int k = 0; k < N; ++k) sum += weight.v[k] * weight.v[k];
    return l2 * sum;
  }
};

struct AddPenalty {
  StepMetrics* metrics;
  std::int64_t samples;
  __device__ void operator()(double penalty) const { metrics->loss_sum += penalty * double(samples); }
};

/// metrics.loss_sum += samples * (the sum of l2 * weight^2).
inline void add_penalty(cudaStream_t stream, std::ptrdiff_t n, const float* weights, const Penalties& penalties,
                        std::int64_t samples, StepMetrics* metrics, double* scratch) {
  reduce<4>(stream, n, PenaltyTerms{weights, penalties}, AddPenalty{metrics, samples}, scratch);
}

template <class G>
struct SquaredGradientTerms {
  const float* weights;
  const G* gradients;
  Penalties penalties;
  template <int N>
  __device__ float term(std::ptrdiff_t i) const {
    const float twice = 2 * l2_at(penalties, i);
    const Floats<N> weight = load<N>(weights + i), gradient = load<N>(gradients + i);
    float sum = 0;
    for (int k = 0; k < N; ++k) {
      const float whole = gradient.v[k] + twice * weight.v[k];
      sum += whole * whole;
    }
    return sum;
  }
};

struct ClipScale {
  StepState* state;
  float clipnorm;
  __device__ void operator()(double squares) const {
    const double norm = sqrt(squares);
    if (norm > double(clipnorm)) state->gradient_scale = double(clipnorm) / norm;
  }
};

/// state.gradient_scale = what brings the norm over all gradients, penalties' parts included, down to clipnorm.
template <class G>
void clip_by_global_norm(cudaStream_t stream, std::ptrdiff_t n, const float* weights, const G* gradients,
                         const Penalties& penalties, float clipnorm, StepState* state, double* scratch) {
  reduce<4>(stream, n, SquaredGradientTerms<G>{weights, gradients, penalties}, ClipScale{state, clipnorm}, scratch);
}

}  // namespace ferlab::kernels
