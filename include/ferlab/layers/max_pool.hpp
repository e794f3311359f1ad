// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/pooling.hpp"

namespace ferlab {

/// The maximum of each Window x Window square: [h, w, c] -> [h', w', c]. As keras.layers.MaxPooling2D: what does not
/// fill a window is dropped. The first maximum receives the gradient.
template <int Window, int Stride = Window, Padding Pad = Padding::valid>
struct MaxPool : Pooling<Window, Stride, Pad> {
  static constexpr const char* name = "max_pool";

  template <Shape In>
  struct rejected {
    static_assert(MaxPool::accepts(In),
                  "ferlab: MaxPool's window is larger than the image; there is nothing left to pool");
  };
  template <class Backend>
  static constexpr Memory memory(Shape in) {
    return {.backward_reads_input = false,
            .backward_reads_output = false,
            .saved_bytes_a_sample = MaxPool::output(in).size()};
  }
  template <class Backend, class T, class V>
  void forward(const Backend& backend, const Pass<T, V>& p) const {
    max_pool_forward(backend, this->geometry(p.in, p.batch), p.x, p.y, p.saved_bytes);
  }
  template <class Backend, class T, class V>
  void backward(const Backend& backend, const Pass<T, V>& p) const {
    max_pool_backward(backend, this->geometry(p.in, p.batch), p.dy, p.saved_bytes, p.dx);
  }
  template <class Backend, class T, class V>
  void infer(const Backend& backend, const Pass<T, V>& p) const {
    max_pool_forward(backend, this->geometry(p.in, p.batch), p.x, p.y, nullptr);
  }
};

}  // namespace ferlab
