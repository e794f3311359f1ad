// SPDX-License-Identifier: MIT
// A dense layer with ReLU and Dropout in one go. Only rewrites make these ops.
#pragma once

#include "ferlab/ops/dense.hpp"
#include "ferlab/ops/dropout.hpp"

namespace ferlab::ops {

/// y = dropout(relu(x * kernel + bias)), in y's memory.
struct DenseDropout {
  static constexpr const char* name = "dense_dropout";
  Dense dense;  ///< its y and `packed` are not used
  Dropout dropout;
  Packed packed{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.dense.x), each.reads(op.dense.kernel), each.reads(op.dense.bias), each.reads(op.packed);
    each.writes(op.dropout.y);
  }
};

/// Its backward pass down to the product: dropout, the ReLU that y alone tells of, the bias.
struct DropoutReLUBiasBackward {
  static constexpr const char* name = "dropout_relu_bias_backward";
  DropoutBackward dropout;  ///< its dx is not used
  Value y, dx;
  Gradient dbias;
  Scratch scratch{};

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.y), each.reads(op.dropout.dy);
    each.writes_over(op.dx, op.dropout.dy), each.writes(op.dbias), each.scratch(op.scratch);
  }
};

}  // namespace ferlab::ops
