// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cpu/elementwise.hpp"

namespace ferlab {

/// The numbers of one SGD update.
template <class T>
struct SgdStep {
  T learning_rate;
  T momentum = 0;
  bool nesterov = false;
  T l2 = 0;              ///< the gradient gets 2 * l2 * weight
  T decay = 0;           ///< weights first lose this part of themselves (decoupled)
  T gradient_scale = 1;  ///< the gradient is multiplied by this before l2's part is added
};

/// velocity = momentum * velocity - learning_rate * g; p += velocity, or with nesterov momentum * velocity -
/// learning_rate * g, for n weights. With momentum 0 `velocity` is not touched and may be nullptr. As
/// keras.optimizers.SGD.
template <class T>
void sgd_step(const Cpu& cpu, std::ptrdiff_t n, T* p, const T* g, T* velocity, const SgdStep<T>& step) {
  const SgdStep<T> s = step;
  elementwise<T>(cpu, n, [=]<class P>(std::ptrdiff_t i) {
    const P weight = simd::load<P>(p + i);
    const P move = (simd::load<P>(g + i) * s.gradient_scale + 2 * s.l2 * weight) * s.learning_rate;
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

}  // namespace ferlab
