// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include "ferlab/eigen/accuracy.hpp"
#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/matrix.hpp"
#include "ferlab/eigen/softmax.hpp"
#include "ferlab/ops/crossentropy.hpp"

namespace ferlab {

namespace detail {

/// The target of each class: 1 for the label and 0 elsewhere, smoothed.
template <class T>
auto one_hot(Index label, Index classes, T smoothing) {
  const T off = smoothing / T(classes), on = 1 - smoothing + off;
  return Eigen::Array<T, 1, Eigen::Dynamic>::NullaryExpr(classes, [=](Index k) { return k == label ? on : off; });
}

}  // namespace detail

namespace ops {

template <class T>
void run(const EigenCpu& eigen, const SoftmaxCrossentropy& op, const Memory<T>& m) {
  run(eigen, Softmax{.x = op.logits, .y = op.y}, m);
  const auto y = detail::samples(m, op.y);
  const T smallest = std::numeric_limits<T>::min();
  for (Eigen::Index b = 0; b < m.batch; ++b) {
    const auto probability = y.row(b);
    const auto target = detail::one_hot(m[op.target][b], y.cols(), T(m[op.label_smoothing]));
    const auto log = (probability < smallest).select(smallest, probability).template cast<double>().log();
    m.metrics->loss_sum -= (target.template cast<double>() * log).sum();
    if (op.dlogits) detail::samples(m, op.dlogits).row(b) = (probability - target) * (T(1) / T(m.global_batch));
  }
  m.metrics->seen += m.batch;
  if (op.hits) run(eigen, Accuracy{.y = op.y, .target = op.target, .hits = op.hits}, m);
}

/// With q = y / s, s the sum of y: d(loss)/dy = (dq - sum of dq * q) / s.
template <class T>
void run(const EigenCpu&, const Crossentropy& op, const Memory<T>& m) {
  const auto y = detail::samples(m, op.y);
  const T low = T(1e-7), high = 1 - low;
  for (Eigen::Index b = 0; b < m.batch; ++b) {
    const T sum = y.row(b).sum();
    const auto q = y.row(b) / sum;
    const auto clipped = (q < low).select(low, (q > high).select(high, q));
    const auto target = detail::one_hot(m[op.target][b], y.cols(), T(m[op.label_smoothing]));
    m.metrics->loss_sum -= (target.template cast<double>() * clipped.template cast<double>().log()).sum();
    if (!op.dy) continue;
    const auto outside = q < low || q > high;
    const T through_sum = -outside.select(T(0), target).sum();
    detail::samples(m, op.dy).row(b) =
        (outside.select(T(0), -target / q) - through_sum) / sum * (T(1) / T(m.global_batch));
  }
  m.metrics->seen += m.batch;
}

}  // namespace ops

}  // namespace ferlab
