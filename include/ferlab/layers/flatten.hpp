// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"

namespace ferlab {

/// [h, w, c] -> [h * w * c], in memory order; costs nothing. As keras.layers.Flatten.
struct Flatten {
  static constexpr const char* name = "flatten";

  static constexpr Shape output(Shape in) { return {1, 1, int(in.size())}; }
  template <class Backend>
  static constexpr Memory memory(Shape) {
    return {.backward_reads_input = false, .backward_reads_output = false, .view = true};
  }
};

}  // namespace ferlab
