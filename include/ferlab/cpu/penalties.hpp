// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "ferlab/cpu/reductions.hpp"
#include "ferlab/ops/memory.hpp"
#include "ferlab/ops/penalties.hpp"

namespace ferlab::ops {

template <class T>
void run(const Cpu& cpu, const AddPenalties&, const Memory<T>& m) {
  double sum = 0;
  for (const ops::WeightRange& s : m.flat.segments)
    if (s.l2 != 0) sum += double(s.l2) * detail::squared_norm(cpu, std::ptrdiff_t(s.size), m.flat.weights + s.offset);
  m.metrics->loss_sum += double(m.penalty_samples) * sum;
}

template <class T>
void run(const Cpu& cpu, const ClipByGlobalNorm& op, const Memory<T>& m) {
  const double clipnorm = double(m[op.clipnorm]);
  if (!(clipnorm > 0)) return;
  double squares = 0;
  for (const ops::WeightRange& s : m.flat.segments)
    squares += detail::sum_of_squares(cpu, std::ptrdiff_t(s.size),
                                      [g = m.flat.gradients + s.offset, p = m.flat.weights + s.offset,
                                       twice = 2 * T(s.l2)](std::ptrdiff_t i) { return double(g[i] + twice * p[i]); });
  const double norm = std::sqrt(squares);
  if (norm > clipnorm) m.state->gradient_scale = clipnorm / norm;
}

}  // namespace ferlab::ops
