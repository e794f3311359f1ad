// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/add.hpp"

namespace ferlab::ops {

template <class T>
void run(const EigenCpu&, const Add& op, const Memory<T>& m) {
  detail::elements(m, op.y) = detail::elements(m, op.a) + detail::elements(m, op.b);
}
template <class T>
void run(const EigenCpu&, const Accumulate& op, const Memory<T>& m) {
  detail::elements(m, op.y) += detail::elements(m, op.x);
}

}  // namespace ferlab::ops
