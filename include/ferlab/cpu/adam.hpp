// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "ferlab/cpu/elementwise.hpp"
#include "ferlab/ops/adam.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab {

namespace detail {

/// The numbers of one Adam update.
template <class T>
struct AdamStep {
  T step_size;  ///< learning rate * sqrt(1 - beta_2^t) / (1 - beta_1^t)
  T beta_1, beta_2;
  T epsilon;
  T l2 = 0;              ///< the gradient gets 2 * l2 * weight
  T decay = 0;           ///< weights first lose this part of themselves (decoupled)
  T gradient_scale = 1;  ///< the gradient, l2's part included, is multiplied by this
};

/// m += (g - m) * (1 - beta_1), v += (g * g - v) * (1 - beta_2), p -= step_size * m / (sqrt(v) + epsilon) for n
/// weights. Kingma and Ba 2015, in the form of keras.optimizers.Adam (epsilon outside of the bias correction).
template <class T>
void adam_step(const Cpu& cpu, std::ptrdiff_t n, T* p, const T* g, T* m, T* v, const AdamStep<T>& step) {
  const AdamStep<T> s = step;
  const T rate_1 = 1 - s.beta_1, rate_2 = 1 - s.beta_2;
  elementwise<T>(cpu, n, [=]<class P>(std::ptrdiff_t i) {
    const P weight = simd::load<P>(p + i), momentum = simd::load<P>(m + i), velocity = simd::load<P>(v + i);
    const P gradient = (simd::load<P>(g + i) + 2 * s.l2 * weight) * s.gradient_scale;
    const P new_momentum = momentum + (gradient - momentum) * rate_1;
    const P new_velocity = velocity + (gradient * gradient - velocity) * rate_2;
    simd::store(m + i, new_momentum);
    simd::store(v + i, new_velocity);
    simd::store(p + i, P(weight - s.decay * weight -
                         s.step_size * new_momentum / (simd::square_root(new_velocity) + s.epsilon)));
  });
}

}  // namespace detail

namespace ops {

template <class T>
void run(const Cpu&, const AdamStepSize& op, const Memory<T>& m) {
  ops::StepState& state = *m.state;
  const double t = double(state.step + 1);
  const double correction = std::sqrt(1 - std::pow(double(m[op.beta_2]), t)) / (1 - std::pow(double(m[op.beta_1]), t));
  state.step_size = double(state.learning_rate) * correction;
}

template <class T>
void run(const Cpu& cpu, const Adam& op, const Memory<T>& m) {
  for (const ops::WeightRange& s : m.flat.segments)
    detail::adam_step(cpu, std::ptrdiff_t(s.size), m.flat.weights + s.offset, m.flat.gradients + s.offset,
                      m[op.momentum] + s.offset, m[op.velocity] + s.offset,
                      {.step_size = T(m.state->step_size),
                       .beta_1 = T(m[op.beta_1]),
                       .beta_2 = T(m[op.beta_2]),
                       .epsilon = T(m[op.epsilon]),
                       .l2 = T(s.l2),
                       .decay = T(m.state->learning_rate) * T(m[op.weight_decay]),
                       .gradient_scale = T(m.state->gradient_scale)});
}

}  // namespace ops

}  // namespace ferlab
