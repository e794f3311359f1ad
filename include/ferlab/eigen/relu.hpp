// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/relu.hpp"

namespace ferlab::ops {

/// NaN stays NaN.
template <class T>
void run(const EigenCpu&, const ReLU& op, const Memory<T>& m) {
  const auto x = detail::elements(m, op.x);
  detail::elements(m, op.y) = (x < T(0)).select(T(0), x);
}

template <class T>
void run(const EigenCpu&, const ReLUBackward& op, const Memory<T>& m) {
  const auto y = detail::elements(m, op.y), dy = detail::elements(m, op.dy);
  detail::elements(m, op.dx) = (y > T(0)).select(dy, T(0));
}

}  // namespace ferlab::ops
