// SPDX-License-Identifier: MIT
// One product that a dense layer asks for: which pass, of what shape, on what memory.
#pragma once

#include <array>
#include <string>

namespace ferlab::cuda {

struct DenseProduct {
  enum class Kind { plain, bias, relu, bias_relu, data_gradient, filter_gradient };
  Kind kind;
  int batch, in, units;

  /// All that tells one from another.
  std::array<int, 4> numbers() const { return {int(kind), batch, in, units}; }
  bool operator<(const DenseProduct& other) const { return numbers() < other.numbers(); }
  bool has_bias() const { return kind == Kind::bias || kind == Kind::bias_relu; }
  bool has_relu() const { return kind == Kind::relu || kind == Kind::bias_relu; }
};

/// On the device, x: [batch][in], w: [in][units], y: [batch][units], bias: [units]. A gradient lies where its name
/// lies: dx in x, dw in w, dy in y.
struct DenseMemory {
  const void *x, *w, *y;
  const void* bias = nullptr;  ///< nullptr: none
};

}  // namespace ferlab::cuda
