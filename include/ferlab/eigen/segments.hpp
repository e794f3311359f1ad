// SPDX-License-Identifier: MIT
// A segment of the flat buffers: weights that share a penalty.
#pragma once

#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/flat_weights.hpp"

namespace ferlab::detail {

template <class T>
RowMap<T> weights_of(const ops::Memory<T>& m, const ops::WeightRange& s) {
  return {m.flat.weights + s.offset, Index(s.size)};
}
template <class T>
RowMap<T> moment_of(const ops::Memory<T>& m, ops::Moment moment, const ops::WeightRange& s) {
  return {m[moment] + s.offset, Index(s.size)};
}
/// The gradient, the penalty's part included: an expression, computed where it is used.
template <class T>
auto penalized_gradient(const ops::Memory<T>& m, const ops::WeightRange& s) {
  using Gradients = Eigen::Map<const Eigen::Array<T, 1, Eigen::Dynamic>>;
  return Gradients(m.flat.gradients + s.offset, Index(s.size)) + T(2) * T(s.l2) * weights_of(m, s);
}

}  // namespace ferlab::detail
