// SPDX-License-Identifier: MIT
// An optimizer with an op of its own, in one file outside the library: docs/add-an-optimizer.md.
#pragma once

#include <ferlab/cpu/context.hpp>
#include <ferlab/ops/memory.hpp>
#include <ferlab/optimizers/learning_rate.hpp>

#include <array>

namespace mine {

namespace ops = ferlab::ops;

/// w -= learning_rate * (sign(beta_1 * m + (1 - beta_1) * g) + weight_decay * w), then m = beta_2 * m + (1 - beta_2) *
/// g, for all trainable weights; g includes the penalties' gradient (2 * l2 * w) and what clipping multiplies by.
struct LionUpdate {
  static constexpr const char* name = "lion";
  ops::Moment momentum;
  ops::Setting beta_1, beta_2, weight_decay;
  static constexpr void operands(auto&, auto& each) { each.reports(); }
};

/// Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms". As keras.optimizers.Lion.
struct Lion {
  ferlab::LearningRate learning_rate = 1e-4f;
  float beta_1 = 0.9f;
  float beta_2 = 0.99f;
  float weight_decay = 0;
  float global_clipnorm = 0;  // a field of this name makes the step clip

  static constexpr const char* name = "lion";
  static constexpr std::array<const char*, 1> slots{"momentum"};  // one moment: the k-th is ops::Moment{k}
  using lowers_to = ops::OpTypes<LionUpdate>;

  constexpr void update(auto& g) const {
    g.run(LionUpdate{.momentum = {0},
                     .beta_1 = g.setting("beta_1", beta_1),
                     .beta_2 = g.setting("beta_2", beta_2),
                     .weight_decay = g.setting("weight_decay", weight_decay)});
  }
};

template <class T>
void run(const ferlab::Cpu& cpu, const LionUpdate& op, const ops::Memory<T>& m) {
  const T beta_1 = T(m[op.beta_1]), beta_2 = T(m[op.beta_2]), decay = T(m[op.weight_decay]);
  const T rate = T(m.state->learning_rate), scale = T(m.state->gradient_scale);
  for (const ferlab::ops::WeightRange& s : m.flat.segments) {  // weights that share a penalty
    T* const weights = m.flat.weights + s.offset;
    T* const momentum = m[op.momentum] + s.offset;
    const T* const gradients = m.flat.gradients + s.offset;
    cpu.parallel_for(std::ptrdiff_t(s.size), 4096, [=, l2 = T(s.l2)](std::ptrdiff_t begin, std::ptrdiff_t end) {
      for (std::ptrdiff_t i = begin; i < end; ++i) {
        const T g = (gradients[i] + 2 * l2 * weights[i]) * scale;
        const T direction = beta_1 * momentum[i] + (1 - beta_1) * g;
        const T sign = T(direction > 0) - T(direction < 0);
        weights[i] -= rate * (sign + decay * weights[i]);
        momentum[i] = beta_2 * momentum[i] + (1 - beta_2) * g;
      }
    });
  }
}

}  // namespace mine
