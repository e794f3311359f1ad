// SPDX-License-Identifier: MIT
// Dense layers: matrix products. x [batch][in], kernel [in][units], y [batch][units].
#pragma once

#include "ferlab/ops/geometry.hpp"
#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// y = activation(x * kernel + bias). A layer asks for no activation: a backend's rewrite does.
struct Dense {
  static constexpr const char* name = "dense";
  Value x;
  Weight kernel;
  Weight bias{};  ///< [units]; may be none
  Value y;
  Activation activation = Activation::none;
  Packed packed{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x), each.reads(op.kernel), each.reads(op.bias), each.reads(op.packed);
    each.writes(op.y);
  }
};

/// dkernel = transposed x * dy.
struct DenseBackwardFilter {
  static constexpr const char* name = "dense_backward_filter";
  Value x, dy;
  Gradient dkernel;
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x), each.reads(op.dy);
    each.writes(op.dkernel), each.scratch(op.scratch);
  }
};

/// dx = dy * transposed kernel.
struct DenseBackwardData {
  static constexpr const char* name = "dense_backward_data";
  Value dy;
  Weight kernel;
  Value dx;
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.dy), each.reads(op.kernel);
    each.writes(op.dx), each.scratch(op.scratch);
  }
};

}  // namespace ferlab::ops
