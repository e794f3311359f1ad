// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"

namespace ferlab {

/// The mean of each channel over the image: [h, w, c] -> [c]. As keras.layers.GlobalAveragePooling2D.
struct GlobalAveragePool {
  static constexpr const char* name = "global_average_pool";

  static constexpr Shape output(Shape in) { return {1, 1, in.channels}; }
  template <class Backend>
  static constexpr Memory memory(Shape) {
    return {.backward_reads_input = false, .backward_reads_output = false};
  }
  template <class Backend, class T, class V>
  void forward(const Backend& backend, const Pass<T, V>& p) const {
    global_average_pool_forward(backend, p.batch, p.in.height * p.in.width, p.in.channels, p.x, p.y);
  }
  template <class Backend, class T, class V>
  void backward(const Backend& backend, const Pass<T, V>& p) const {
    global_average_pool_backward(backend, p.batch, p.in.height * p.in.width, p.in.channels, p.dy, p.dx);
  }
};

}  // namespace ferlab
