// SPDX-License-Identifier: MIT
// Convolution. x [batch][height][width][channels], kernel [kernel][kernel][channels][filters],
// y [batch][out_height][out_width][filters]; see Conv2DGeometry. As cuDNN's convolutions (cross-correlation).
#pragma once

#include "ferlab/ops/geometry.hpp"
#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// y = activation(conv(x, kernel) + bias). A layer asks for no activation: a backend's rewrite does.
struct Conv2D {
  static constexpr const char* name = "conv2d";
  Conv2DGeometry geometry{};  ///< its batch is filled in when the op runs
  Value x;
  Weight kernel;
  Weight bias{};  ///< [filters]; may be none
  Value y;
  Activation activation = Activation::none;
  Packed packed{};
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x), each.reads(op.kernel), each.reads(op.bias), each.reads(op.packed);
    each.writes(op.y), each.scratch(op.scratch);
  }
};

/// dkernel: the gradient with respect to the kernel, from x and dy.
struct Conv2DBackwardFilter {
  static constexpr const char* name = "conv2d_backward_filter";
  Conv2DGeometry geometry{};
  Value x, dy;
  Gradient dkernel;
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x), each.reads(op.dy);
    each.writes(op.dkernel), each.scratch(op.scratch);
  }
};

/// dx: the gradient with respect to x, from dy and the kernel.
struct Conv2DBackwardData {
  static constexpr const char* name = "conv2d_backward_data";
  Conv2DGeometry geometry{};
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
