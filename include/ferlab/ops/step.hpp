// SPDX-License-Identifier: MIT
// The frame of a training step. These ops work on StepState and StepMetrics, in the backend's memory.
#pragma once

#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// The first op: takes the step's learning rate from the table of the epoch's batches; gradient_scale = 1; first_sample
/// = rank * samples.
struct BeginStep {
  static constexpr const char* name = "begin_step";
  static constexpr void operands(auto&, auto& each) { each.reports(); }
};

/// Notes where the loss is not finite; nothing after it changes a weight then.
struct CheckLoss {
  static constexpr const char* name = "check_loss";
  static constexpr void operands(auto&, auto& each) { each.reports(); }
};

/// Nothing: dy, the gradient of the output y, is written by the caller. Keeps both alive until the backward pass.
struct SeedGradient {
  static constexpr const char* name = "seed_gradient";
  Value y, dy;
  static constexpr void operands(auto& op, auto& each) { each.reads(op.y), each.changes(op.dy), each.reports(); }
};

/// The last op: counts the step and its batch, unless the step failed.
struct EndStep {
  static constexpr const char* name = "end_step";
  static constexpr void operands(auto&, auto& each) { each.reports(); }
};

}  // namespace ferlab::ops
