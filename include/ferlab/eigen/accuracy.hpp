// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/accuracy.hpp"

namespace ferlab::ops {

template <class T>
void run(const EigenCpu&, const Accuracy& op, const Memory<T>& m) {
  const auto y = detail::samples(m, op.y);
  for (Eigen::Index b = 0; b < m.batch; ++b) {
    Eigen::Index greatest = 0;  // the first of equals
    y.row(b).maxCoeff(&greatest);
    *m[op.hits] += greatest == m[op.target][b];
  }
}

}  // namespace ferlab::ops
