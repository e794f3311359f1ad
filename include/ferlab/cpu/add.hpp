// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cpu/copy.hpp"
#include "ferlab/cpu/elementwise.hpp"
#include "ferlab/ops/add.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab {

namespace detail {

/// y = a + b, n elements. y may be a or b.
template <class T>
void add(const Cpu& cpu, std::ptrdiff_t n, const T* a, const T* b, T* y) {
  elementwise<T>(
      cpu, n, [=]<class P>(std::ptrdiff_t i) { simd::store(y + i, P(simd::load<P>(a + i) + simd::load<P>(b + i))); });
}

}  // namespace detail

namespace ops {

template <class T>
void run(const Cpu& cpu, const Add& op, const Memory<T>& m) {
  detail::add<T>(cpu, m.size(op.y), m[op.a], m[op.b], m[op.y]);
}
template <class T>
void run(const Cpu& cpu, const Accumulate& op, const Memory<T>& m) {
  detail::add<T>(cpu, m.size(op.y), m[op.y], m[op.x], m[op.y]);
}
template <class T>
void run(const Cpu& cpu, const Copy& op, const Memory<T>& m) {
  copy<T>(cpu, m.size(op.y), m[op.x], m[op.y]);
}

}  // namespace ops

}  // namespace ferlab
