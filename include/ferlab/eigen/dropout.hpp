// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>

#include "ferlab/core/philox.hpp"
#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/dropout.hpp"

namespace ferlab {

namespace detail {

/// y = x / (1 - rate) where the word of the element is at least rate * 2^32, else 0: some words at a time, from a
/// multiple of 4 on, since Philox makes four. Elements are counted in the global batch.
template <class T>
void drop(RowMap<T> x, RowMap<T> y, Index features, float rate, const ops::StepStream& step) {
  constexpr Index chunk = 256;
  const RandomStream stream = step;
  const Index first = Index(step.state->first_sample) * features, end = first + x.size();
  const auto threshold = std::uint32_t(double(rate) * 0x1p32);
  const T scale = T(1) / (T(1) - T(rate));
  Eigen::Array<std::uint32_t, 4, chunk / 4> words;  // a block a column
  for (Index start = first / 4 * 4; start < end; start += chunk) {
    for (Index block = 0; block < chunk / 4; ++block) {
      const auto four = stream.block(std::uint32_t(start / 4 + block));
      words.col(block) = Eigen::Map<const Eigen::Array<std::uint32_t, 4, 1>>(four.data());
    }
    const Index from = std::max(start, first), count = std::min(start + chunk, end) - from;
    const auto keeps = as_row(words.data() + (from - start), count) >= threshold;
    y.segment(from - first, count) = keeps.select(x.segment(from - first, count) * scale, T(0));
  }
}

}  // namespace detail

namespace ops {

template <class T>
void run(const EigenCpu&, const Dropout& op, const Memory<T>& m) {
  detail::drop(detail::elements(m, op.x), detail::elements(m, op.y), Eigen::Index(op.x.shape.size()), m[op.rate],
               m.stream(op.layer));
}
template <class T>
void run(const EigenCpu&, const DropoutBackward& op, const Memory<T>& m) {
  detail::drop(detail::elements(m, op.dy), detail::elements(m, op.dx), Eigen::Index(op.dy.shape.size()), m[op.rate],
               m.stream(op.layer));
}

}  // namespace ops

}  // namespace ferlab
