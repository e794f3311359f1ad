// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// y [batch][channels] = the mean of x [batch][height][width][channels] over its pixels.
struct GlobalAveragePool {
  static constexpr const char* name = "global_average_pool";
  Value x, y;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x);
    each.writes(op.y);
  }
};

/// dx = dy / (height * width), for every pixel.
struct GlobalAveragePoolBackward {
  static constexpr const char* name = "global_average_pool_backward";
  Value dy, dx;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.dy);
    each.writes(op.dx);
  }
};

}  // namespace ferlab::ops
