// SPDX-License-Identifier: MIT
// BatchNorm, MaxPool and Dropout in one go. Only rewrites make these ops.
#pragma once

#include "ferlab/ops/batch_norm.hpp"
#include "ferlab/ops/dropout.hpp"
#include "ferlab/ops/max_pool.hpp"

namespace ferlab::ops {

/// y = dropout(max_pool(batch_norm(x))): the normalised image is never written. Windows must not overlap. `saved` is
/// for the backward pass; what stands in it is the backend's.
struct BatchNormMaxPoolDropout {
  static constexpr const char* name = "batch_norm_max_pool_dropout";
  BatchNorm norm;  ///< its y is not used
  MaxPool pool;    ///< its x, y and argmax are not used
  Dropout dropout;
  Bytes saved{};
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.norm.x), each.reads(op.norm.mean), each.reads(op.norm.inv_std);
    each.reads(op.norm.gamma), each.reads(op.norm.beta);
    each.writes(op.dropout.y), each.writes(op.saved), each.scratch(op.scratch);
  }
};

/// Its backward pass: the sums come from the pooled values, a quarter of the traffic.
struct BatchNormMaxPoolDropoutBackward {
  static constexpr const char* name = "batch_norm_max_pool_dropout_backward";
  DropoutBackward dropout;  ///< its dx is not used
  MaxPoolBackward pool;     ///< its dy, dx and argmax are not used
  BatchNormBackward norm;   ///< its dy is not used
  Bytes saved{};
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.dropout.dy), each.reads(op.saved);
    each.reads(op.norm.x), each.reads(op.norm.gamma), each.reads(op.norm.mean), each.reads(op.norm.inv_std);
    each.writes(op.norm.dx), each.writes(op.norm.dgamma), each.writes(op.norm.dbeta), each.writes(op.norm.drelu_bias);
    each.scratch(op.scratch);
  }
};

/// y = max_pool(batch_norm(x)) with the moving averages.
struct BatchNormMaxPoolInference {
  static constexpr const char* name = "batch_norm_max_pool_inference";
  BatchNormInference norm;  ///< its y and scratch are not used
  MaxPool pool;             ///< its x is not used

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.norm.x), each.reads(op.norm.gamma), each.reads(op.norm.beta);
    each.reads(op.norm.moving_mean), each.reads(op.norm.moving_variance);
    each.writes(op.pool.y);
  }
};

}  // namespace ferlab::ops
