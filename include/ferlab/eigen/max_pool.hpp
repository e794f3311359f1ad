// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/pooling.hpp"
#include "ferlab/ops/max_pool.hpp"

namespace ferlab::ops {

template <class T>
void run(const EigenCpu&, const MaxPool& op, const Memory<T>& m) {
  const auto x = detail::pixels(m, op.x);
  auto y = detail::pixels(m, op.y);
  auto argmax = detail::as_array<std::uint8_t>(m[op.argmax], op.argmax ? y.rows() : 0, y.cols());
  detail::for_each_window_pixel(m.of(op.geometry), [&](Eigen::Index window, Eigen::Index pixel, int at, bool first) {
    auto best = y.row(window);
    const auto value = x.row(pixel);
    const auto keeps = (value <= best) || (best != best);  // the first of equals, and NaN
    if (op.argmax && first) argmax.row(window).setConstant(std::uint8_t(at));
    if (op.argmax && !first) argmax.row(window) = keeps.select(argmax.row(window), std::uint8_t(at));
    if (first)
      best = value;
    else
      best = keeps.select(best, value);
  });
}

template <class T>
void run(const EigenCpu&, const MaxPoolBackward& op, const Memory<T>& m) {
  const auto dy = detail::pixels(m, op.dy);
  const auto argmax = detail::as_array<std::uint8_t>(m[op.argmax], dy.rows(), dy.cols());
  auto dx = detail::pixels(m, op.dx);
  dx.setZero();
  detail::for_each_window_pixel(m.of(op.geometry), [&](Eigen::Index window, Eigen::Index pixel, int at, bool) {
    dx.row(pixel) += (argmax.row(window) == std::uint8_t(at)).select(dy.row(window), T(0));
  });
}

}  // namespace ferlab::ops
