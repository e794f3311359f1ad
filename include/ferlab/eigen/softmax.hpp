// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/softmax.hpp"

namespace ferlab::ops {

template <class T>
void run(const EigenCpu&, const Softmax& op, const Memory<T>& m) {
  const auto x = detail::samples(m, op.x);
  auto y = detail::samples(m, op.y);
  for (Eigen::Index b = 0; b < m.batch; ++b) {
    const T top = x.row(b).maxCoeff();
    y.row(b) = (x.row(b) - top).exp();
    y.row(b) /= y.row(b).sum();
  }
}

template <class T>
void run(const EigenCpu&, const SoftmaxBackward& op, const Memory<T>& m) {
  const auto y = detail::samples(m, op.y), dy = detail::samples(m, op.dy);
  auto dx = detail::samples(m, op.dx);
  for (Eigen::Index b = 0; b < m.batch; ++b) {
    const T sum = (y.row(b) * dy.row(b)).sum();
    dx.row(b) = y.row(b) * (dy.row(b) - sum);
  }
}

}  // namespace ferlab::ops
