// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/ops/crossentropy.hpp"
#include "ferlab/ops/rewrite.hpp"
#include "ferlab/ops/softmax.hpp"

namespace ferlab {

/// -sum over classes of target * log(probability), the target being 1 for the label and 0 elsewhere, or smoothed:
/// target * (1 - label_smoothing) + label_smoothing / classes. As keras.losses.CategoricalCrossentropy.
struct CategoricalCrossentropy {
  float label_smoothing = 0;

  static constexpr const char* name = "categorical_crossentropy";
  using Target = ClassIndex;
  using lowers_to = ops::OpTypes<ops::Crossentropy, ops::SoftmaxCrossentropy>;

  constexpr void lower(auto& g, ops::Value y) const {
    g.run(ops::Crossentropy{.y = y,
                            .dy = g.training ? g.gradient(y) : ops::Value{},
                            .target = {},
                            .label_smoothing = g.setting("label_smoothing", label_smoothing, ops::from_0_to_1)});
  }

  /// Behind a Softmax the loss is taken from the logits, on every backend, fused or not: a small probability loses no
  /// digits then.
  static constexpr ops::SoftmaxCrossentropy from_logits(const ops::Softmax& softmax, const ops::Crossentropy& loss,
                                                        const ops::SoftmaxBackward& back) {
    return {.logits = softmax.x,
            .y = softmax.y,
            .dlogits = back.dx,
            .target = loss.target,
            .label_smoothing = loss.label_smoothing};
  }
  static constexpr ops::SoftmaxCrossentropy from_logits_inference(const ops::Softmax& softmax,
                                                                  const ops::Crossentropy& loss) {
    return {.logits = softmax.x,
            .y = softmax.y,
            .dlogits = {},
            .target = loss.target,
            .label_smoothing = loss.label_smoothing};
  }
  static constexpr ops::Rewrites<from_logits, from_logits_inference> rewrites{};
};

}  // namespace ferlab
