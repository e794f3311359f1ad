// SPDX-License-Identifier: MIT
// What is summed over all weights: the L2 penalty in the reported loss, and the gradient's norm that clipping looks at.
// Each reads the flat buffers once.
#pragma once

#include "kernels/penalties.hpp"
#include "kernels/reduce.cuh"

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

struct AddPenaltiesFinish {
  ops::StepMetrics* metrics;
  std::int64_t samples;
  __device__ void operator()(double penalty) const { metrics->loss_sum += penalty * double(samples); }
};

template <class Policy>
void run(cudaStream_t stream, const AddPenalties& op) {
  reduce<Policy, 4>(stream, op.count, PenaltyTerms{op.weights, op.penalties},
                    AddPenaltiesFinish{op.metrics, op.samples}, op.scratch);
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
  ops::StepState* state;
  float clipnorm;
  __device__ void operator()(double squares) const {
    const double norm = sqrt(squares);
    if (norm > double(clipnorm)) state->gradient_scale = double(clipnorm) / norm;
  }
};

template <class Policy, class G>
void run(cudaStream_t stream, const ClipByGlobalNorm<G>& op) {
  reduce<Policy, 4>(stream, op.count, SquaredGradientTerms<G>{op.weights, op.gradients, op.penalties},
                    ClipScale{op.state, op.clipnorm}, op.scratch);
}
template <class G>
void run(cudaStream_t stream, const ClipByGlobalNorm<G>& op) {
  run<ReducePolicy>(stream, op);
}

}  // namespace ferlab::kernels
