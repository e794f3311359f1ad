// SPDX-License-Identifier: MIT
// Categorical crossentropy against class indices, with label smoothing: -sum over classes of target * log(probability),
// target = (class == label) * (1 - label_smoothing) + label_smoothing / classes. As
// keras.losses.CategoricalCrossentropy. The loss of each sample is added to the step's sum; gradients are of the mean
// over the global batch.
#pragma once

#include "ferlab/core/target.hpp"
#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// Of any outputs y: each sample is divided by its sum, then clipped to [1e-7, 1 - 1e-7]; the gradient through a
/// clipped value is zero. dy: none where there is no backward pass.
struct Crossentropy {
  static constexpr const char* name = "crossentropy";
  Value y, dy;
  Target<ClassIndex> target;
  Setting label_smoothing;
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.y);
    each.writes(op.dy), each.scratch(op.scratch), each.reports();
  }
};

/// Softmax, the loss, and the gradient with respect to the logits: (probability - target) / global batch. Probabilities
/// below the smallest normal number count as that. hits: if wanted, counts the samples whose first greatest output is
/// their label's.
struct SoftmaxCrossentropy {
  static constexpr const char* name = "softmax_crossentropy";
  Value logits, y, dlogits;
  Target<ClassIndex> target;
  Setting label_smoothing;
  MetricSum hits{};
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.logits);
    each.writes_over(op.y, op.logits), each.writes(op.dlogits), each.scratch(op.scratch), each.reports();
  }
};

}  // namespace ferlab::ops
