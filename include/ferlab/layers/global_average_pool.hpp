// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"
#include "ferlab/ops/global_average_pool.hpp"

namespace ferlab {

/// The mean of each channel over the image: [h, w, c] -> [c]. As keras.layers.GlobalAveragePooling2D.
struct GlobalAveragePool {
  static constexpr const char* name = "global_average_pool";
  using lowers_to = ops::OpTypes<ops::GlobalAveragePool, ops::GlobalAveragePoolBackward>;

  static constexpr Shape output(Shape in) { return {1, 1, in.channels}; }

  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const auto y = g.value(output(x.shape));
    g.run(ops::GlobalAveragePool{.x = x, .y = y});
    g.run_backward(ops::GlobalAveragePoolBackward{.dy = g.gradient(y), .dx = g.gradient(x)});
    return y;
  }
};

}  // namespace ferlab
