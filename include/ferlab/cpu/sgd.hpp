// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/core/flat_weights.hpp"
#include "ferlab/core/step_state.hpp"
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

/// One step over all weights, with the numbers of `state`.
template <class T>
void sgd(const Cpu& cpu, const FlatWeights<T, T>& w, T* velocity, float momentum, bool nesterov,
         const StepState* state) {
  for (const Segment& s : w.segments)
    sgd_step(cpu, std::ptrdiff_t(s.size), w.weights + s.offset, w.gradients + s.offset, velocity + s.offset,
             {.learning_rate = T(state->learning_rate),
              .momentum = T(momentum),
              .nesterov = nesterov,
              .l2 = T(s.l2),
              .decay = T(state->learning_rate) * T(w.weight_decay),
              .gradient_scale = T(state->gradient_scale)});
}

}  // namespace ferlab
