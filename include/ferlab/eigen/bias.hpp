// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/bias.hpp"

namespace ferlab::ops {

constexpr std::size_t scratch_size(const EigenCpu*, const BiasBackward& op) {
  return sizeof(double) * std::size_t(op.dy.shape.channels);
}
constexpr std::size_t scratch_size(const EigenCpu*, const ReLUBiasBackward& op) {
  return sizeof(double) * std::size_t(op.dy.shape.channels);
}

template <class T>
void run(const EigenCpu&, const BiasBackward& op, const Memory<T>& m) {
  const auto dy = detail::pixels(m, op.dy);
  const auto sums = detail::as_row(m.template scratch<double>(op.scratch), dy.cols());
  detail::sum_rows(dy.rows(), sums,
                   [&](Eigen::Index first, Eigen::Index count) { return dy.middleRows(first, count); });
  detail::as_row(m[op.dbias], dy.cols()) = sums.template cast<T>();
}

template <class T>
void run(const EigenCpu&, const ReLUBiasBackward& op, const Memory<T>& m) {
  const auto y = detail::pixels(m, op.y), dy = detail::pixels(m, op.dy);
  auto dx = detail::pixels(m, op.dx);
  const auto sums = detail::as_row(m.template scratch<double>(op.scratch), dy.cols());
  detail::sum_rows(dy.rows(), sums, [&](Eigen::Index first, Eigen::Index count) {
    auto block = dx.middleRows(first, count);
    block = (y.middleRows(first, count) > T(0)).select(dy.middleRows(first, count), T(0));
    return block;
  });
  detail::as_row(m[op.dbias], dy.cols()) = sums.template cast<T>();
}

}  // namespace ferlab::ops
