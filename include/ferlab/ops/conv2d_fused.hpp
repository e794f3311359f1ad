// SPDX-License-Identifier: MIT
// Convolutions with what comes after them. Only rewrites make these ops.
#pragma once

#include "ferlab/ops/batch_norm.hpp"
#include "ferlab/ops/conv2d.hpp"

namespace ferlab::ops {

/// A convolution that also finds the statistics of its result.
struct Conv2DStatistics {
  static constexpr const char* name = "conv2d_statistics";
  Conv2D conv;  ///< its `packed` and `scratch` are not used
  BatchStatistics statistics;
  Packed packed{};
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.conv.x), each.reads(op.conv.kernel), each.reads(op.conv.bias), each.reads(op.packed);
    each.writes(op.conv.y), each.writes(op.statistics.mean), each.writes(op.statistics.inv_std);
    each.changes(op.statistics.moving_mean), each.changes(op.statistics.moving_variance), each.scratch(op.scratch);
  }
};

/// Conv2DBackwardData, then ReLUBiasBackward with x, which came out of that ReLU.
struct Conv2DBackwardDataReLUBias {
  static constexpr const char* name = "conv2d_backward_data_relu_bias";
  Conv2DGeometry geometry{};
  Value x, dy;
  Weight kernel;
  Value dx;
  Gradient dbias;
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x), each.reads(op.dy), each.reads(op.kernel);
    each.writes(op.dx), each.writes(op.dbias), each.scratch(op.scratch);
  }
};

}  // namespace ferlab::ops
