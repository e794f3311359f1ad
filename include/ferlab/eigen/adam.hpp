// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/segments.hpp"
#include "ferlab/ops/adam.hpp"

namespace ferlab::ops {

template <class T>
void run(const EigenCpu&, const Adam& op, const Memory<T>& m) {
  const T rate_1 = 1 - T(m[op.beta_1]), rate_2 = 1 - T(m[op.beta_2]), step_size = T(m.state->step_size);
  const T decay = T(m.state->learning_rate) * T(m[op.weight_decay]), scale = T(m.state->gradient_scale);
  for (const ops::WeightRange& s : m.flat.segments) {
    auto weights = detail::weights_of(m, s);
    auto momentum = detail::moment_of(m, op.momentum, s), velocity = detail::moment_of(m, op.velocity, s);
    const auto gradient = detail::penalized_gradient(m, s) * scale;
    momentum += (gradient - momentum) * rate_1;
    velocity += (gradient.square() - velocity) * rate_2;
    weights = weights - decay * weights - step_size * momentum / (velocity.sqrt() + T(m[op.epsilon]));
  }
}

}  // namespace ferlab::ops
