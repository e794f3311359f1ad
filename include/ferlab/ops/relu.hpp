// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// y = max(x, 0).
struct ReLU {
  static constexpr const char* name = "relu";
  Value x, y;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x);
    each.writes_over(op.y, op.x);
  }
};

/// dx = dy where y > 0, else 0.
struct ReLUBackward {
  static constexpr const char* name = "relu_backward";
  Value y, dy, dx;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.y), each.reads(op.dy);
    each.writes_over(op.dx, op.dy);
  }
};

}  // namespace ferlab::ops
