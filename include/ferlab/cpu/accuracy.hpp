// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cpu/crossentropy.hpp"
#include "ferlab/ops/accuracy.hpp"

namespace ferlab::ops {

template <class T>
void run(const Cpu&, const Accuracy& op, const Memory<T>& m) {
  const int classes = int(op.y.shape.size());
  std::int64_t hits = 0;
  for (int row = 0; row < m.batch; ++row)
    hits += detail::argmax(m[op.y] + std::ptrdiff_t(row) * classes, classes) == m[op.target][row];
  *m[op.hits] += double(hits);
}

}  // namespace ferlab::ops
