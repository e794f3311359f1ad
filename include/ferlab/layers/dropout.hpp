// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"
#include "ferlab/ops/dropout.hpp"

namespace ferlab {

/// In training sets each value to zero with probability `rate` and multiplies the others by 1 / (1 - rate); the
/// identity otherwise. Any shape. The mask is drawn again in the backward pass, never stored. As keras.layers.Dropout.
struct Dropout {
  float rate = 0.5f;  ///< in [0, 1)

  static constexpr const char* name = "dropout";
  using lowers_to = ops::OpTypes<ops::Dropout, ops::DropoutBackward>;

  constexpr ops::Value lower(auto& g, ops::Value x) const {
    if (!g.training) return x;
    const auto drop = g.setting("rate", rate, ops::from_0_below_1);
    const auto y = g.value(x.shape);
    g.run(ops::Dropout{.x = x, .y = y, .rate = drop, .layer = g.layer});
    g.run_backward(ops::DropoutBackward{.dy = g.gradient(y), .dx = g.gradient(x), .rate = drop, .layer = g.layer});
    return y;
  }
};

}  // namespace ferlab
