// SPDX-License-Identifier: MIT
// Adam and SGD over the flat buffers of weights: what their kernels are given. A gradient is (g + 2 * l2 * weight) *
// state->gradient_scale; weights first lose learning_rate * weight_decay of themselves. After a step that failed
// nothing changes; weights beside a non-finite gradient stay as they are, and state->bad_gradient is set.
#pragma once

#include "kernels/bfloat16.hpp"
#include "kernels/penalties.hpp"

namespace ferlab::kernels {

/// Kingma and Ba, 2014, in Keras's form: m += (g - m) * (1 - beta_1), v += (g^2 - v) * (1 - beta_2), w -=
/// state->step_size * m / (sqrt(v) + epsilon). AdamStepSize sets the step size.
template <class G>
struct Adam {
  std::ptrdiff_t count;  ///< of weights
  float* weights;
  const G* gradients;
  bfloat16* copy = nullptr;  ///< gets the new weights; nullptr: not wanted
  float *momentum, *velocity;
  float beta_1 = 0.9f, beta_2 = 0.999f, epsilon = 1e-7f;
  float weight_decay = 0;
  Penalties penalties = {};
  ops::StepState* state;
};
template <class G>
void run(cudaStream_t, const Adam<G>&);

/// velocity = momentum * velocity - learning_rate * g; w += velocity, with nesterov w += momentum * velocity -
/// learning_rate * g.
template <class G>
struct SGD {
  std::ptrdiff_t count;
  float* weights;
  const G* gradients;
  bfloat16* copy = nullptr;   ///< gets the new weights; nullptr: not wanted
  float* velocity = nullptr;  ///< may be nullptr where momentum is 0
  float momentum = 0;
  bool nesterov = false;
  float weight_decay = 0;
  Penalties penalties = {};
  ops::StepState* state;
};
template <class G>
void run(cudaStream_t, const SGD<G>&);

}  // namespace ferlab::kernels
