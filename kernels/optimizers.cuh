// SPDX-License-Identifier: MIT
// Adam and SGD over the flat buffers in one launch: penalty, clipping, decay, the step, and the copy of the new weights
// in the type that the next step reads. Adam moves 7 floats a weight (28 bytes; with bfloat16 gradients and copy 28: 2
// less, 2 more), SGD 5 with momentum.
#pragma once

#include "kernels/penalties.cuh"

namespace ferlab::kernels {

/// What both optimizers do alike, unless the step failed: then nothing. Weights beside a gradient that is no number
/// stay as they are, and the step counts as failed in the end.
template <class G>
struct WeightUpdate : FlatArrays<G> {
  using FlatArrays<G>::weights;
  using FlatArrays<G>::gradients;
  using FlatArrays<G>::copy;

  /// The gradient, clipped, with the penalty's part. The norm that clipping looked at had that part too.
  template <int N>
  __device__ Floats<N> gradient(std::ptrdiff_t i, const Floats<N>& weight, const StepState& state) const {
    const float twice = 2 * l2_at(this->penalties, i), scale = float(state.gradient_scale);
    return map([=](float g, float w) { return (g + twice * w) * scale; }, load<N>(gradients + i), weight);
  }
  /// Is each of them a number? Notes where not.
  template <int N>
  __device__ static bool are_numbers(const Floats<N>& gradient, StepState* state) {
    float sum = 0;  // of zeros, or NaN
    for (int i = 0; i < N; ++i) sum += gradient.v[i] * 0;
    if (sum == 0) return true;
    state->bad_gradient = 1;
    return false;
  }
  template <int N>
  __device__ void write(std::ptrdiff_t i, const Floats<N>& weight, const Floats<N>& move,
                        const StepState& state) const {
    const float decay = state.learning_rate * this->weight_decay;
    const Floats<N> now = map([=](float w, float m) { return w - decay * w - m; }, weight, move);
    store(weights + i, now);
    if (copy) store(copy + i, now);
  }
};

template <class G>
struct AdamUpdate {
  WeightUpdate<G> flat;
  float *momentum, *velocity;
  AdamFactors factors;
  StepState* state;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    const StepState s = *state;
    if (s.failed) return;
    const Floats<N> weight = load<N>(flat.weights + i), g = flat.template gradient<N>(i, weight, s);
    if (!flat.are_numbers(g, state)) return;
    const float rate_1 = 1 - factors.beta_1, rate_2 = 1 - factors.beta_2;
    const float step_size = float(s.step_size), epsilon = factors.epsilon;
    const Floats<N> m = map([=](float old, float now) { return old + (now - old) * rate_1; }, load<N>(momentum + i), g);
    const Floats<N> v =
        map([=](float old, float now) { return old + (now * now - old) * rate_2; }, load<N>(velocity + i), g);
    store(momentum + i, m);
    store(velocity + i, v);
    flat.write(i, weight, map([=](float a, float b) { return step_size * a / (sqrtf(b) + epsilon); }, m, v), s);
  }
};

/// One step of Adam as in ferlab/cpu/adam.hpp.
template <class G>
void adam(cudaStream_t stream, const FlatArrays<G>& flat, float* momentum, float* velocity, const AdamFactors& factors,
          StepState* state) {
  elementwise<4>(stream, flat.count, AdamUpdate<G>{{flat}, momentum, velocity, factors, state});
}

template <class G>
struct SgdUpdate {
  WeightUpdate<G> flat;
  float* velocity;
  float momentum;
  bool nesterov;
  StepState* state;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    const StepState s = *state;
    if (s.failed) return;
    const Floats<N> weight = load<N>(flat.weights + i), g = flat.template gradient<N>(i, weight, s);
    if (!flat.are_numbers(g, state)) return;
    const float rate = s.learning_rate, kept = momentum;
    const bool ahead = nesterov;
    const Floats<N> plain = map([=](float now) { return rate * now; }, g);
    if (kept == 0) return flat.write(i, weight, plain, s);
    const Floats<N> v = map([=](float old, float step) { return kept * old - step; }, load<N>(velocity + i), plain);
    store(velocity + i, v);
    flat.write(i, weight, map([=](float now, float step) { return ahead ? step - kept * now : -now; }, v, plain), s);
  }
};

/// One step of SGD as in ferlab/cpu/sgd.hpp; with momentum 0 `velocity` may be nullptr.
template <class G>
void sgd(cudaStream_t stream, const FlatArrays<G>& flat, float* velocity, float momentum, bool nesterov,
         StepState* state) {
  elementwise<4>(stream, flat.count, SgdUpdate<G>{{flat}, velocity, momentum, nesterov, state});
}

}  // namespace ferlab::kernels
