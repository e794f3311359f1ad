// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/core/geometry.hpp"
#include "ferlab/layers/layer.hpp"
#include "ferlab/layers/window.hpp"

namespace ferlab {

/// The mean of each Window x Window square, padding not counted: [h, w, c] -> [h', w', c]. As
/// keras.layers.AveragePooling2D.
template <int Window, int Stride = Window, Padding Pad = Padding::valid>
struct AveragePool {
  static_assert(Window > 0 && Window < 16 && Stride > 0,
                "ferlab: AveragePool needs a window of 1 to 15 and a positive stride");

  static constexpr const char* name = "average_pool";

  static constexpr bool accepts(Shape in) { return output(in).height > 0 && output(in).width > 0; }
  template <Shape In>
  struct rejected {
    static_assert(accepts(In), "ferlab: AveragePool's window is larger than the image; there is nothing left to pool");
  };
  static constexpr Shape output(Shape in) {
    return {window_count(in.height, Window, Stride, Pad), window_count(in.width, Window, Stride, Pad), in.channels};
  }
  static constexpr Pool2DGeometry geometry(Shape in, int batch) {
    const Shape out = output(in);
    return {batch,
            in.height,
            in.width,
            in.channels,
            out.height,
            out.width,
            Window,
            Stride,
            window_padding(in.height, Window, Stride, Pad),
            window_padding(in.width, Window, Stride, Pad)};
  }
  template <class Backend>
  static constexpr Memory memory(Shape) {
    return {.backward_reads_input = false, .backward_reads_output = false};
  }
  template <class Backend, class T>
  void forward(const Backend& backend, const Pass<T>& p) const {
    average_pool_forward(backend, geometry(p.in, p.batch), p.x, p.y);
  }
  template <class Backend, class T>
  void backward(const Backend& backend, const Pass<T>& p) const {
    average_pool_backward(backend, geometry(p.in, p.batch), p.dy, p.dx);
  }
};

}  // namespace ferlab
