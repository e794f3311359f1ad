// SPDX-License-Identifier: MIT
// What is summed over all weights: the L2 penalty in the reported loss, and the gradient's norm that clipping looks at.
#pragma once

#include <cmath>
#include <span>

#include "ferlab/core/backend.hpp"
#include "ferlab/core/flat_weights.hpp"
#include "ferlab/core/step_state.hpp"
#include "ferlab/cpu/reductions.hpp"

namespace ferlab {

/// Doubles of scratch that the functions below need.
constexpr std::size_t penalties_scratch_size(On<Cpu>) { return 0; }

/// metrics.loss_sum += samples * (the sum of l2 * weight^2).
template <class T>
void add_penalty(const Cpu& cpu, std::span<const Segment> segments, const T* weights, std::int64_t samples,
                 StepMetrics* metrics, double* /*scratch*/) {
  double sum = 0;
  for (const Segment& s : segments)
    if (s.l2 != 0) sum += double(s.l2) * squared_norm(cpu, std::ptrdiff_t(s.size), weights + s.offset);
  metrics->loss_sum += double(samples) * sum;
}

/// state.gradient_scale = what brings the norm over all gradients, the penalties' parts included, down to clipnorm.
template <class T>
void clip_by_global_norm(const Cpu& cpu, const FlatWeights<T, T>& w, float clipnorm, StepState* state,
                         double* /*scratch*/) {
  double squares = 0;
  for (const Segment& s : w.segments)
    squares += sum_of_squares(cpu, std::ptrdiff_t(s.size),
                              [g = w.gradients + s.offset, p = w.weights + s.offset,
                               twice = 2 * T(s.l2)](std::ptrdiff_t i) { return double(g[i] + twice * p[i]); });
  const double norm = std::sqrt(squares);
  if (norm > double(clipnorm)) state->gradient_scale = double(clipnorm) / norm;
}

}  // namespace ferlab
