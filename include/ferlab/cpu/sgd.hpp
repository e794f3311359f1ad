// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cpu/elementwise.hpp"
#include "ferlab/ops/memory.hpp"
#include "ferlab/ops/sgd.hpp"

namespace ferlab {

namespace detail {

/// The numbers of one SGD update.
template <class T>
struct SgdStep {
  T learning_rate;
  T momentum = 0;
  bool nesterov = false;
  T l2 = 0;              ///< the gradient gets 2 * l2 * weight
  T decay = 0;           ///< weights first lose this part of themselves (decoupled)
  T gradient_scale = 1;  ///< the gradient, l2's part included, is multiplied by this
};

/// velocity = momentum * velocity - learning_rate * g; p += velocity, or with nesterov momentum * velocity -
/// learning_rate * g, for n weights. With momentum 0 `velocity` is not touched and may be nullptr. As
/// keras.optimizers.SGD.
template <class T>
void sgd_step(const Cpu& cpu, std::ptrdiff_t n, T* p, const T* g, T* velocity, const SgdStep<T>& step) {
  const SgdStep<T> s = step;
  elementwise<T>(cpu, n, [=]<class P>(std::ptrdiff_t i) {
    const P weight = simd::load<P>(p + i);
    const P move = (simd::load<P>(g + i) + 2 * s.l2 * weight) * s.gradient_scale * s.learning_rate;
    const P decayed = weight - s.decay * weight;
    if (s.momentum == 0) {
      simd::store(p + i, P(decayed - move));
    } else {
      const P now = s.momentum * simd::load<P>(velocity + i) - move;
      simd::store(velocity + i, now);
      simd::store(p + i, P(decayed + (s.nesterov ? P(s.momentum * now - move) : now)));
    }
  });
}

}  // namespace detail

namespace ops {

template <class T>
void run(const Cpu& cpu, const SGD& op, const Memory<T>& m) {
  for (const ops::WeightRange& s : m.flat.segments)
    detail::sgd_step(cpu, std::ptrdiff_t(s.size), m.flat.weights + s.offset, m.flat.gradients + s.offset,
                     m[op.velocity] + s.offset,
                     {.learning_rate = T(m.state->learning_rate),
                      .momentum = T(m[op.momentum]),
                      .nesterov = m[op.nesterov] != 0,
                      .l2 = T(s.l2),
                      .decay = T(m.state->learning_rate) * T(m[op.weight_decay]),
                      .gradient_scale = T(m.state->gradient_scale)});
}

}  // namespace ops

}  // namespace ferlab
