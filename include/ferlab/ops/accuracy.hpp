// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/core/target.hpp"
#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// hits += the number of samples whose greatest output, the first of equals, is their label's.
struct Accuracy {
  static constexpr const char* name = "accuracy";
  Value y;
  Target<ClassIndex> target;
  MetricSum hits;

  static constexpr void operands(auto& op, auto& each) { each.reads(op.y), each.reports(); }
};

}  // namespace ferlab::ops
