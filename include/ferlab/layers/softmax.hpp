// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"

namespace ferlab {

/// y[c] = exp(x[c]) / sum of exp(x) over the channels: [c] -> [c]. As the last layer under CategoricalCrossentropy its
/// backward pass is fused with the loss.
struct Softmax {
  static constexpr const char* name = "softmax";

  static constexpr bool accepts(Shape in) { return in.is_flat(); }
  template <Shape In>
  struct rejected {
    static_assert(accepts(In), "ferlab: Softmax takes a flat input; put Flatten or GlobalAveragePool before it");
  };
  template <class Backend>
  static constexpr Memory memory(Shape) {
    return {.backward_reads_input = false, .in_place = true};
  }
  template <class Backend, class T, class V>
  void forward(const Backend& backend, const Pass<T, V>& p) const {
    softmax_forward(backend, p.batch, p.in.channels, p.x, p.y);
  }
  template <class Backend, class T, class V>
  void backward(const Backend& backend, const Pass<T, V>& p) const {
    softmax_backward(backend, p.batch, p.in.channels, p.y, p.dy, p.dx);
  }
};

}  // namespace ferlab
