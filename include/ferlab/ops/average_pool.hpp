// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/ops/geometry.hpp"
#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// y = the mean of each window; padding does not count.
struct AveragePool {
  static constexpr const char* name = "average_pool";
  Pool2DGeometry geometry{};  ///< its batch is filled in when the op runs
  Value x, y;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x);
    each.writes(op.y);
  }
};

/// dx = the sum over the windows that cover the pixel of dy / the window's pixels inside the image.
struct AveragePoolBackward {
  static constexpr const char* name = "average_pool_backward";
  Pool2DGeometry geometry{};
  Value dy, dx;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.dy);
    each.writes(op.dx);
  }
};

}  // namespace ferlab::ops
