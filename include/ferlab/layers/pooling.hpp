// SPDX-License-Identifier: MIT
// What MaxPool and AveragePool share: how their windows lie.
#pragma once

#include "ferlab/core/geometry.hpp"
#include "ferlab/layers/layer.hpp"
#include "ferlab/layers/window.hpp"

namespace ferlab {

template <int Window, int Stride, Padding Pad>
struct Pooling {
  static_assert(Window > 0 && Window < 16 && Stride > 0,
                "ferlab: a pool needs a window of 1 to 15 and a positive stride");

  static constexpr bool accepts(Shape in) { return output(in).height > 0 && output(in).width > 0; }
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
};

}  // namespace ferlab
