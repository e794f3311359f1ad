// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/pooling.hpp"

namespace ferlab {

/// The mean of each Window x Window square, padding not counted: [h, w, c] -> [h', w', c]. As
/// keras.layers.AveragePooling2D.
template <int Window, int Stride = Window, Padding Pad = Padding::valid>
struct AveragePool : Pooling<Window, Stride, Pad> {
  static constexpr const char* name = "average_pool";

  template <Shape In>
  struct rejected {
    static_assert(AveragePool::accepts(In),
                  "ferlab: AveragePool's window is larger than the image; there is nothing left to pool");
  };
  template <class Backend>
  static constexpr Memory memory(Shape) {
    return {.backward_reads_input = false, .backward_reads_output = false};
  }
  template <class Backend, class T, class V>
  void forward(const Backend& backend, const Pass<T, V>& p) const {
    average_pool_forward(backend, this->geometry(p.in, p.batch), p.x, p.y);
  }
  template <class Backend, class T, class V>
  void backward(const Backend& backend, const Pass<T, V>& p) const {
    average_pool_backward(backend, this->geometry(p.in, p.batch), p.dy, p.dx);
  }
};

}  // namespace ferlab
