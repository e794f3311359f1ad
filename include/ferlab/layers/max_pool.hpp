// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/pooling.hpp"
#include "ferlab/ops/max_pool.hpp"

namespace ferlab {

/// The maximum of each Window x Window square: [h, w, c] -> [h', w', c]. As keras.layers.MaxPooling2D: what does not
/// fill a window is dropped. The first maximum receives the gradient.
template <int Window, int Stride = Window, Padding Pad = Padding::valid>
struct MaxPool : detail::Pooling<Window, Stride, Pad> {
  static constexpr const char* name = "max_pool";
  using lowers_to = ops::OpTypes<ops::MaxPool, ops::MaxPoolBackward>;

  template <Shape In>
  struct rejected {
    static_assert(MaxPool::accepts(In),
                  "ferlab: MaxPool's window is larger than the image; there is nothing left to pool");
  };

  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const ops::Pool2DGeometry geometry = this->geometry(x.shape);
    const auto y = g.value(this->output(x.shape));
    if (!g.training) {
      g.run(ops::MaxPool{.geometry = geometry, .x = x, .y = y});
      return y;
    }
    const auto argmax = g.bytes(y.shape.size());
    g.run(ops::MaxPool{.geometry = geometry, .x = x, .y = y, .argmax = argmax});
    g.run_backward(
        ops::MaxPoolBackward{.geometry = geometry, .dy = g.gradient(y), .argmax = argmax, .dx = g.gradient(x)});
    return y;
  }
};

}  // namespace ferlab
