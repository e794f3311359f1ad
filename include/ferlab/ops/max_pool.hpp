// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/ops/geometry.hpp"
#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// y = the maximum of each window. argmax (none where there is no backward pass), a byte for each of y, tells where in
/// the window it was: row * window + column. Of equal values the first in reading order wins; a NaN wins over all.
/// Windows up to 15.
struct MaxPool {
  static constexpr const char* name = "max_pool";
  Pool2DGeometry geometry{};  ///< its batch is filled in when the op runs
  Value x, y;
  Bytes argmax{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x);
    each.writes(op.y), each.writes(op.argmax);
  }
};

/// dx = the sum of dy of those windows whose maximum the pixel was.
struct MaxPoolBackward {
  static constexpr const char* name = "max_pool_backward";
  Pool2DGeometry geometry{};
  Value dy;
  Bytes argmax;
  Value dx;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.dy), each.reads(op.argmax);
    each.writes(op.dx);
  }
};

}  // namespace ferlab::ops
