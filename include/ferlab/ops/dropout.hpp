// SPDX-License-Identifier: MIT
// Srivastava et al., "Dropout", 2014, in the inverted form: what is kept is multiplied by 1 / (1 - rate).
#pragma once

#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// y = x / (1 - rate) where word i of the layer's random stream is at least rate * 2^32, else 0; i counts elements in
/// the global batch. 0 <= rate < 1.
struct Dropout {
  static constexpr const char* name = "dropout";
  Value x, y;
  Setting rate;
  int layer = 0;  ///< whose random numbers

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x);
    each.writes_over(op.y, op.x);
  }
};

/// dx from dy with the same mask, which is drawn again.
struct DropoutBackward {
  static constexpr const char* name = "dropout_backward";
  Value dy, dx;
  Setting rate;
  int layer = 0;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.dy);
    each.writes_over(op.dx, op.dy);
  }
};

}  // namespace ferlab::ops
