// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"

namespace ferlab {

/// y = max(x, 0), any shape.
struct ReLU {
  static constexpr const char* name = "relu";

  template <class Backend>
  static constexpr Memory memory(Shape) {
    return {.backward_reads_input = false, .in_place = true, .in_place_backward = true};
  }
  template <class Backend, class T, class V>
  void forward(const Backend& backend, const Pass<T, V>& p) const {
    relu_forward(backend, std::ptrdiff_t(p.batch * p.in.size()), p.x, p.y);
  }
  template <class Backend, class T, class V>
  void backward(const Backend& backend, const Pass<T, V>& p) const {
    relu_backward(backend, std::ptrdiff_t(p.batch * p.in.size()), p.y, p.dy, p.dx);
  }
};

}  // namespace ferlab
