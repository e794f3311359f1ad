// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/global_average_pool.hpp"

namespace ferlab::ops {

template <class T>
void run(const EigenCpu&, const GlobalAveragePool& op, const Memory<T>& m) {
  const Eigen::Index pixels = op.x.shape.height * op.x.shape.width;
  const auto x = detail::pixels(m, op.x);
  auto y = detail::samples(m, op.y);
  for (Eigen::Index b = 0; b < m.batch; ++b) y.row(b) = x.middleRows(b * pixels, pixels).colwise().sum() / T(pixels);
}

template <class T>
void run(const EigenCpu&, const GlobalAveragePoolBackward& op, const Memory<T>& m) {
  const Eigen::Index pixels = op.dx.shape.height * op.dx.shape.width;
  const auto dy = detail::samples(m, op.dy);
  auto dx = detail::pixels(m, op.dx);
  for (Eigen::Index pixel = 0; pixel < dx.rows(); ++pixel) dx.row(pixel) = dy.row(pixel / pixels) / T(pixels);
}

}  // namespace ferlab::ops
