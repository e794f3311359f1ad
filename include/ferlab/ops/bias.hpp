// SPDX-License-Identifier: MIT
// The gradient with respect to a bias. Values are [rows][channels], a row per pixel.
#pragma once

#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// dbias [channels] = the sum over the rows of dy.
struct BiasBackward {
  static constexpr const char* name = "bias_backward";
  Value dy;
  Gradient dbias;
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.dy);
    each.writes(op.dbias), each.scratch(op.scratch);
  }
};

/// dx = dy where y > 0, else 0; dbias = the sum over the rows of dx: ReLU's backward pass and the bias's before it.
struct ReLUBiasBackward {
  static constexpr const char* name = "relu_bias_backward";
  Value y, dy, dx;
  Gradient dbias;
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.y), each.reads(op.dy);
    each.writes_over(op.dx, op.dy), each.writes(op.dbias), each.scratch(op.scratch);
  }
};

}  // namespace ferlab::ops
