// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/pooling.hpp"
#include "ferlab/ops/average_pool.hpp"

namespace ferlab::ops {

template <class T>
void run(const EigenCpu&, const AveragePool& op, const Memory<T>& m) {
  const ops::Pool2DGeometry g = m.of(op.geometry);
  const auto x = detail::pixels(m, op.x);
  auto y = detail::pixels(m, op.y);
  y.setZero();
  detail::for_each_window_pixel(
      g, [&](Eigen::Index window, Eigen::Index pixel, int, bool) { y.row(window) += x.row(pixel); });
  for (Eigen::Index window = 0; window < y.rows(); ++window) y.row(window) /= T(detail::window_pixels(g, window));
}

template <class T>
void run(const EigenCpu&, const AveragePoolBackward& op, const Memory<T>& m) {
  const ops::Pool2DGeometry g = m.of(op.geometry);
  const auto dy = detail::pixels(m, op.dy);
  auto dx = detail::pixels(m, op.dx);
  dx.setZero();
  detail::for_each_window_pixel(g, [&](Eigen::Index window, Eigen::Index pixel, int, bool) {
    dx.row(pixel) += dy.row(window) / T(detail::window_pixels(g, window));
  });
}

}  // namespace ferlab::ops
