// SPDX-License-Identifier: MIT
// What is summed over all weights: the L2 penalty in the reported loss, and the gradient's norm that clipping looks at.
#pragma once

#include "ferlab/ops/operands.hpp"

namespace ferlab::ops {

/// loss_sum += penalty_samples * (the sum of l2 * weight^2 over all penalised weights).
struct AddPenalties {
  static constexpr const char* name = "add_penalties";
  Scratch scratch{};
  static constexpr void operands(auto& op, auto& each) { each.scratch(op.scratch), each.reports(); }
};

/// gradient_scale = what brings the norm over all gradients, the penalties' part included, down to clipnorm. A clipnorm
/// of 0 leaves it alone.
struct ClipByGlobalNorm {
  static constexpr const char* name = "clip_by_global_norm";
  Setting clipnorm;
  Scratch scratch{};
  static constexpr void operands(auto& op, auto& each) { each.scratch(op.scratch), each.reports(); }
};

}  // namespace ferlab::ops
