// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"

namespace ferlab {

/// In training sets each value to zero with probability `rate` and multiplies the others by 1 / (1 - rate); the
/// identity otherwise. Any shape. The mask is recomputed in the backward pass, never stored. As keras.layers.Dropout.
struct Dropout {
  float rate = 0.5f;  ///< in [0, 1)

  static constexpr const char* name = "dropout";

  template <class Backend>
  static constexpr Memory memory(Shape) {
    return {.backward_reads_input = false, .backward_reads_output = false, .in_place = true, .in_place_backward = true};
  }
  template <class Backend, class T, class V>
  void forward(const Backend& backend, const Pass<T, V>& p) const {
    dropout_forward(backend, p.batch, std::ptrdiff_t(p.in.size()), rate, p.random, p.x, p.y);
  }
  template <class Backend, class T, class V>
  void backward(const Backend& backend, const Pass<T, V>& p) const {
    dropout_backward(backend, p.batch, std::ptrdiff_t(p.in.size()), rate, p.random, p.dy, p.dx);
  }
  template <class Backend, class T, class V>
  void infer(const Backend& backend, const Pass<T, V>& p) const {
    copy(backend, std::ptrdiff_t(p.batch * p.in.size()), p.x, p.y);
  }
};

}  // namespace ferlab
