// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// y = exp(x - max) / sum of exp(x - max), for each sample.
struct Softmax {
  static constexpr const char* name = "softmax";
  Value x, y;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x);
    each.writes_over(op.y, op.x);
  }
};

/// dx = y * (dy - sum of y * dy), for each sample.
struct SoftmaxBackward {
  static constexpr const char* name = "softmax_backward";
  Value y, dy, dx;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.y), each.reads(op.dy);
    each.writes_over(op.dx, op.dy);
  }
};

}  // namespace ferlab::ops
