// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"

namespace ferlab {

/// [h, w, c] -> [h * w * c], in memory order; costs nothing. As keras.layers.Flatten.
struct Flatten {
  static constexpr const char* name = "flatten";
  using lowers_to = ops::OpTypes<>;

  static constexpr Shape output(Shape in) { return {1, 1, int(in.size())}; }

  /// The same value under another shape.
  constexpr ops::Value lower(auto&, ops::Value x) const { return {x.id, output(x.shape)}; }
};

}  // namespace ferlab
