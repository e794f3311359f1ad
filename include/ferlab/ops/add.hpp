// SPDX-License-Identifier: MIT
// Sums and copies of values, element by element.
#pragma once

#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// y = a + b.
struct Add {
  static constexpr const char* name = "add";
  Value a, b, y;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.a), each.reads(op.b);
    each.writes_over(op.y, op.a);
  }
};

/// y = x. Nothing to do where they share memory.
struct Copy {
  static constexpr const char* name = "copy";
  Value x, y;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x);
    each.writes_over(op.y, op.x);
  }
};

/// y += x. No layer asks for it: it joins the gradients of a value that several ops read.
struct Accumulate {
  static constexpr const char* name = "accumulate";
  Value x, y;

  static constexpr void operands(auto& op, auto& each) { each.reads(op.x), each.changes(op.y); }
};

}  // namespace ferlab::ops
