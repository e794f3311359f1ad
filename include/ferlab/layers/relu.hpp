// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"
#include "ferlab/ops/relu.hpp"

namespace ferlab {

/// y = max(x, 0), any shape.
struct ReLU {
  static constexpr const char* name = "relu";
  using lowers_to = ops::OpTypes<ops::ReLU, ops::ReLUBackward>;

  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const auto y = g.value(x.shape);
    g.run(ops::ReLU{.x = x, .y = y});
    g.run_backward(ops::ReLUBackward{.y = y, .dy = g.gradient(y), .dx = g.gradient(x)});
    return y;
  }
};

}  // namespace ferlab
