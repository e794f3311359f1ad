// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/pooling.hpp"
#include "ferlab/ops/average_pool.hpp"

namespace ferlab {

/// The mean of each Window x Window square, padding not counted: [h, w, c] -> [h', w', c]. As
/// keras.layers.AveragePooling2D.
template <int Window, int Stride = Window, Padding Pad = Padding::valid>
struct AveragePool : detail::Pooling<Window, Stride, Pad> {
  static constexpr const char* name = "average_pool";
  using lowers_to = ops::OpTypes<ops::AveragePool, ops::AveragePoolBackward>;

  template <Shape In>
  struct rejected {
    static_assert(AveragePool::accepts(In),
                  "ferlab: AveragePool's window is larger than the image; there is nothing left to pool");
  };

  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const ops::Pool2DGeometry geometry = this->geometry(x.shape);
    const ops::Value y = g.value(this->output(x.shape));
    g.run(ops::AveragePool{.geometry = geometry, .x = x, .y = y});
    g.run_backward(ops::AveragePoolBackward{.geometry = geometry, .dy = g.gradient(y), .dx = g.gradient(x)});
    return y;
  }
};

}  // namespace ferlab
