// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"
#include "ferlab/ops/softmax.hpp"

namespace ferlab {

/// y[c] = exp(x[c]) / sum of exp(x) over the channels: [c] -> [c]. As the last layer under CategoricalCrossentropy its
/// backward pass is part of the loss.
struct Softmax {
  static constexpr const char* name = "softmax";
  using lowers_to = ops::OpTypes<ops::Softmax, ops::SoftmaxBackward>;

  static constexpr bool accepts(Shape in) { return in.is_flat(); }
  template <Shape In>
  struct rejected {
    static_assert(accepts(In), "ferlab: Softmax takes a flat input; put Flatten or GlobalAveragePool before it");
  };

  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const auto y = g.value(x.shape);
    g.run(ops::Softmax{.x = x, .y = y});
    g.run_backward(ops::SoftmaxBackward{.y = y, .dy = g.gradient(y), .dx = g.gradient(x)});
    return y;
  }
};

}  // namespace ferlab
