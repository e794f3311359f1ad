// SPDX-License-Identifier: MIT
// Softmax, and crossentropy from logits or probabilities, over [rows][classes]: what their kernels are given. The
// target of a row is (k == label) * (1 - label_smoothing) + label_smoothing / classes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ferlab/ops/step_state.hpp"
#include "kernels/reduce.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// What tunes them. A launcher that takes a Policy takes any struct with these members.
struct SoftmaxPolicy : ReducePolicy {
  static constexpr int rows_per_block = 8;  ///< a warp each
};

/// Floats of scratch that the losses need.
constexpr std::size_t softmax_crossentropy_scratch_size(std::ptrdiff_t rows) { return 2 * std::size_t(rows); }

/// y = softmax of each row of x; y may be x.
template <class S>
struct Softmax {
  std::ptrdiff_t rows;
  int classes;
  const S* x;
  S* y;
};
template <class S>
void run(cudaStream_t, const Softmax<S>&);

/// dx = y * (dy - the sum of y * dy) for each row; dx may be dy.
template <class S>
struct SoftmaxBackward {
  std::ptrdiff_t rows;
  int classes;
  const S *y, *dy;
  S* dx;
};
template <class S>
void run(cudaStream_t, const SoftmaxBackward<S>&);

/// Adds the rows' losses, - the sum of target * log(softmax), and their number to `metrics`. gradient = (softmax -
/// target) * gradient_scale, with respect to the logits. probabilities and gradient may be the logits' memory.
template <class S>
struct SoftmaxCrossentropy {
  std::ptrdiff_t rows;
  int classes;
  const S* logits;
  const std::uint8_t* labels;
  float label_smoothing = 0, gradient_scale = 1;
  S* probabilities = nullptr;  ///< nullptr: not wanted
  S* gradient = nullptr;       ///< nullptr: not wanted
  ops::StepMetrics* metrics;
  double* hits = nullptr;  ///< gets added how many rows have their largest logit at their label; nullptr: not counted
  float* scratch;          ///< softmax_crossentropy_scratch_size(rows)
};
template <class S>
void run(cudaStream_t, const SoftmaxCrossentropy<S>&);

/// The same from probabilities, as Keras: each row is divided by its sum and clipped to [1e-7, 1 - 1e-7]; no gradient
/// passes a clipped value. The gradient is with respect to the outputs.
template <class S>
struct Crossentropy {
  std::ptrdiff_t rows;
  int classes;
  const S* outputs;
  const std::uint8_t* labels;
  float label_smoothing = 0, gradient_scale = 1;
  S* gradient = nullptr;  ///< nullptr: not wanted
  ops::StepMetrics* metrics;
  float* scratch;  ///< softmax_crossentropy_scratch_size(rows)
};
template <class S>
void run(cudaStream_t, const Crossentropy<S>&);

}  // namespace ferlab::kernels
