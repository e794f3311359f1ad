// SPDX-License-Identifier: MIT
// What layers, losses, metrics and optimizers are handed to lower to: this, or what derives from it and takes note of
// some of it. Here nothing is noted.
#pragma once

#include "ferlab/layers/parameter.hpp"
#include "ferlab/ops/operands.hpp"

namespace ferlab::detail {

struct Lowering {
  bool training = false;  ///< is there a backward pass?
  int layer = -1;         ///< of the user's, that is being lowered: addresses its random numbers
  const char* layer_name = "";
  ops::Value input{}, output{};

  constexpr ops::Value value(Shape shape) { return {0, shape}; }
  constexpr ops::Bytes bytes(std::size_t /*per_sample*/) { return {0}; }
  constexpr ops::Scalars scalars(std::size_t /*count*/) { return {0}; }
  constexpr ops::Weight weight(const Parameter&, Initializer, L2 = {}) { return {0}; }
  constexpr ops::Setting setting(const char* /*name*/, float, ops::SettingRange = {}) { return {}; }
  constexpr ops::Value gradient(ops::Value of) { return of; }
  constexpr ops::Gradient gradient(ops::Weight) { return {0}; }
  constexpr void run(const auto& /*op*/) {}
  constexpr void run_backward(const auto& /*op*/) {}

  /// Only the forward pass belongs to layers.
  constexpr void begin(ops::Section section) {
    if (section != ops::Section::forward) layer = -1;
  }
  constexpr void finish_backward() {}
  constexpr void rewrite_loss(const auto& /*table*/) {}
};

}  // namespace ferlab::detail
