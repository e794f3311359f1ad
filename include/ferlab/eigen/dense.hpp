// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/dense.hpp"

namespace ferlab::ops {

constexpr std::size_t packed_size(const EigenCpu*, const Dense&) { return 0; }
constexpr std::size_t scratch_size(const EigenCpu*, const DenseBackwardData&) { return 0; }

template <class T>
void run(const EigenCpu&, const Dense& op, const Memory<T>& m) {
  const auto x = detail::as_matrix(m, op.x), y = detail::as_matrix(m, op.y);
  detail::product(y, x, detail::as_matrix(m[op.kernel], x.cols(), y.cols()));
  detail::add_bias_and_activate(y, m[op.bias], op.activation);
}

template <class T>
void run(const EigenCpu&, const DenseBackwardFilter& op, const Memory<T>& m) {
  const auto x = detail::as_matrix(m, op.x), dy = detail::as_matrix(m, op.dy);
  detail::product(detail::as_matrix(m[op.dkernel], x.cols(), dy.cols()), x.transpose(), dy);
}

template <class T>
void run(const EigenCpu&, const DenseBackwardData& op, const Memory<T>& m) {
  const auto dy = detail::as_matrix(m, op.dy), dx = detail::as_matrix(m, op.dx);
  detail::product(dx, dy, detail::as_matrix(m[op.kernel], dx.cols(), dy.cols()).transpose());
}

}  // namespace ferlab::ops
