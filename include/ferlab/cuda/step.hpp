// SPDX-License-Identifier: MIT
// The frame of a training step, penalties and optimizers: as ferlab/cpu/step.hpp, penalties.hpp, adam.hpp and sgd.hpp.
#pragma once

#include <span>
#include <string>

#include "ferlab/cuda/context.hpp"

namespace ferlab {

template <Precision P>
void begin_step(const Cuda<P>& backend, StepState* state, const float* learning_rates, const AdamFactors& factors) {
  cuda::begin_step(backend.stream(), state, learning_rates, factors);
}
template <Precision P>
void check_loss(const Cuda<P>& backend, const StepMetrics* metrics, StepState* state) {
  cuda::check_loss(backend.stream(), metrics, state);
}
template <Precision P>
void end_step(const Cuda<P>& backend, StepState* state) {
  cuda::end_step(backend.stream(), state);
}

namespace cuda {

inline kernels::Penalties penalties_of(std::span<const Segment> segments) {
  kernels::Penalties penalties;
  for (const Segment& s : segments) {
    if (penalties.count == kernels::Penalties::most)
      throw BackendError("Cuda: weights change their L2 factor more than " + std::to_string(kernels::Penalties::most) +
                         " times from layer to layer");
    penalties.end[penalties.count] = std::ptrdiff_t(s.offset + s.size);
    penalties.l2[penalties.count++] = s.l2;
  }
  return penalties;
}

template <class V>
kernels::FlatArrays<V> arrays_of(const FlatWeights<float, V>& w) {
  kernels::FlatArrays<V> arrays{.count = std::ptrdiff_t(w.size),
                                .weights = w.weights,
                                .gradients = w.gradients,
                                .penalties = penalties_of(w.segments),
                                .weight_decay = w.weight_decay};
  if constexpr (std::is_same_v<V, bfloat16>) arrays.copy = w.rounded;
  return arrays;
}

}  // namespace cuda

template <Precision P>
constexpr std::size_t penalties_scratch_size(On<Cuda<P>>) {
  return kernels::reduce_scratch_size;
}
template <Precision P>
void add_penalty(const Cuda<P>& backend, std::span<const Segment> segments, const float* weights, std::int64_t samples,
                 StepMetrics* metrics, double* scratch) {
  const kernels::Penalties penalties = cuda::penalties_of(segments);
  bool any = false;
  for (int k = 0; k < penalties.count; ++k) any = any || penalties.l2[k] != 0;
  if (any)
    cuda::add_penalty(backend.stream(), penalties.end[penalties.count - 1], weights, penalties, samples, metrics,
                      scratch);
}
template <Precision P, class V>
void clip_by_global_norm(const Cuda<P>& backend, const FlatWeights<float, V>& w, float clipnorm, StepState* state,
                         double* scratch) {
  kernels::clip_by_global_norm(backend.stream(), std::ptrdiff_t(w.size), w.weights, w.gradients,
                               cuda::penalties_of(w.segments), clipnorm, state, scratch);
}

template <Precision P, class V>
void adam(const Cuda<P>& backend, const FlatWeights<float, V>& w, float* momentum, float* velocity,
          const AdamFactors& factors, StepState* state) {
  kernels::adam(backend.stream(), cuda::arrays_of(w), momentum, velocity, factors, state);
}
template <Precision P, class V>
void sgd(const Cuda<P>& backend, const FlatWeights<float, V>& w, float* velocity, float momentum, bool nesterov,
         StepState* state) {
  kernels::sgd(backend.stream(), cuda::arrays_of(w), velocity, momentum, nesterov, state);
}

}  // namespace ferlab
