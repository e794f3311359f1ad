// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/segments.hpp"
#include "ferlab/ops/penalties.hpp"

namespace ferlab::ops {

template <class T>
void run(const EigenCpu&, const AddPenalties&, const Memory<T>& m) {
  double sum = 0;
  for (const ops::WeightRange& s : m.flat.segments)
    if (s.l2 != 0) sum += double(s.l2) * detail::weights_of(m, s).template cast<double>().square().sum();
  m.metrics->loss_sum += double(m.penalty_samples) * sum;
}

template <class T>
void run(const EigenCpu&, const ClipByGlobalNorm& op, const Memory<T>& m) {
  const double clipnorm = double(m[op.clipnorm]);
  if (!(clipnorm > 0)) return;
  double squares = 0;
  for (const ops::WeightRange& s : m.flat.segments)
    squares += detail::penalized_gradient(m, s).template cast<double>().square().sum();
  const double norm = std::sqrt(squares);
  if (norm > clipnorm) m.state->gradient_scale = clipnorm / norm;
}

}  // namespace ferlab::ops
