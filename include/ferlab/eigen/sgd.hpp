// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/segments.hpp"
#include "ferlab/ops/sgd.hpp"

namespace ferlab::ops {

template <class T>
void run(const EigenCpu&, const SGD& op, const Memory<T>& m) {
  const T learning_rate = T(m.state->learning_rate), decay = learning_rate * T(m[op.weight_decay]);
  const T scale = T(m.state->gradient_scale) * learning_rate, momentum = T(m[op.momentum]);
  for (const ops::WeightRange& s : m.flat.segments) {
    auto weights = detail::weights_of(m, s);
    const auto move = detail::penalized_gradient(m, s) * scale;
    if (momentum == 0) {
      weights = weights - decay * weights - move;
      continue;
    }
    auto velocity = detail::moment_of(m, op.velocity, s);
    velocity = momentum * velocity - move;
    if (m[op.nesterov] != 0)
      weights = weights - decay * weights + (momentum * velocity - move);
    else
      weights = weights - decay * weights + velocity;
  }
}

}  // namespace ferlab::ops
