// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cpu/elementwise.hpp"
#include "ferlab/ops/memory.hpp"
#include "ferlab/ops/relu.hpp"

namespace ferlab::ops {

/// NaN stays NaN.
template <class T>
void run(const Cpu& cpu, const ReLU& op, const Memory<T>& m) {
  detail::elementwise<T>(cpu, m.size(op.x), [x = m[op.x], y = m[op.y]]<class P>(std::ptrdiff_t i) {
    const P value = simd::load<P>(x + i);
    simd::store(y + i, value < P{} ? P{} : value);
  });
}

template <class T>
void run(const Cpu& cpu, const ReLUBackward& op, const Memory<T>& m) {
  detail::elementwise<T>(cpu, m.size(op.y), [y = m[op.y], dy = m[op.dy], dx = m[op.dx]]<class P>(std::ptrdiff_t i) {
    simd::store(dx + i, simd::load<P>(y + i) > P{} ? simd::load<P>(dy + i) : P{});
  });
}

}  // namespace ferlab::ops
