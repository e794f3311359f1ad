// SPDX-License-Identifier: MIT
// Adam and SGD over the flat buffers in one launch: penalty, clipping, decay, the step, and the copy of the new weights
// in the type that the next step reads. Adam moves 7 floats per weight (28 bytes; with bfloat16 gradients and copy 28:
// 2 less, 2 more), SGD 5 with momentum.
#pragma once

#include "kernels/optimizers.hpp"
#include "kernels/penalties.cuh"

namespace ferlab::kernels {

/// The gradient of N weights, clipped, with the penalty's part. The norm that clipping looked at had that part too.
template <int N, class Op>
__device__ Floats<N> whole_gradient(const Op& op, std::ptrdiff_t i, const Floats<N>& weight,
                                    const ops::StepState& state) {
  const float twice = 2 * l2_at(op.penalties, i), scale = float(state.gradient_scale);
  return map([=](float g, float w) { return (g + twice * w) * scale; }, load<N>(op.gradients + i), weight);
}

/// Is each of them finite? Notes where not.
template <int N>
__device__ bool are_finite(const Floats<N>& gradient, ops::StepState* state) {
  float sum = 0;  // of zeros, or NaN
  for (int i = 0; i < N; ++i) sum += gradient.v[i] * 0;
  if (sum == 0) return true;
  state->bad_gradient = 1;
  return false;
}

template <int N, class Op>
__device__ void move_weights(const Op& op, std::ptrdiff_t i, const Floats<N>& weight, const Floats<N>& move,
                             const ops::StepState& state) {
  const float decay = state.learning_rate * op.weight_decay;
  const Floats<N> now = map([=](float w, float m) { return w - decay * w - m; }, weight, move);
  store(op.weights + i, now);
  if (op.copy) store(op.copy + i, now);
}

template <class G>
struct AdamUpdate {
  Adam<G> op;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    const ops::StepState s = *op.state;
    if (s.failed) return;
    const Floats<N> weight = load<N>(op.weights + i), g = whole_gradient(op, i, weight, s);
    if (!are_finite(g, op.state)) return;
    const float rate_1 = 1 - op.beta_1, rate_2 = 1 - op.beta_2;
    const float step_size = float(s.step_size), epsilon = op.epsilon;
    const Floats<N> m =
        map([=](float old, float now) { return old + (now - old) * rate_1; }, load<N>(op.momentum + i), g);
    const Floats<N> v =
        map([=](float old, float now) { return old + (now * now - old) * rate_2; }, load<N>(op.velocity + i), g);
    store(op.momentum + i, m);
    store(op.velocity + i, v);
    move_weights(op, i, weight, map([=](float a, float b) { return step_size * a / (sqrtf(b) + epsilon); }, m, v), s);
  }
};

template <class G>
void run(cudaStream_t stream, const Adam<G>& op) {
  elementwise<4>(stream, op.count, AdamUpdate<G>{op});
}

template <class G>
struct SgdUpdate {
  SGD<G> op;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    const ops::StepState s = *op.state;
    if (s.failed) return;
    const Floats<N> weight = load<N>(op.weights + i), g = whole_gradient(op, i, weight, s);
    if (!are_finite(g, op.state)) return;
    const float rate = s.learning_rate, kept = op.momentum;
    const bool ahead = op.nesterov;
    const Floats<N> plain = map([=](float now) { return rate * now; }, g);
    if (kept == 0) return move_weights(op, i, weight, plain, s);
    const Floats<N> v = map([=](float old, float step) { return kept * old - step; }, load<N>(op.velocity + i), plain);
    store(op.velocity + i, v);
    move_weights(op, i, weight, map([=](float now, float step) { return ahead ? step - kept * now : -now; }, v, plain),
                 s);
  }
};

template <class G>
void run(cudaStream_t stream, const SGD<G>& op) {
  elementwise<4>(stream, op.count, SgdUpdate<G>{op});
}

}  // namespace ferlab::kernels
