// SPDX-License-Identifier: MIT
// What MaxPool and AveragePool share: how their windows lie.
#pragma once

#include "ferlab/layers/layer.hpp"
#include "ferlab/layers/window.hpp"
#include "ferlab/ops/geometry.hpp"

namespace ferlab::detail {

template <int Window, int Stride, Padding Pad>
struct Pooling {
  static_assert(Window > 0 && Window < 16 && Stride > 0,
                "ferlab: a pool needs a window of 1 to 15 and a positive stride");

  static constexpr bool accepts(Shape in) { return output(in).height > 0 && output(in).width > 0; }
  static constexpr Shape output(Shape in) {
    return {detail::window_count(in.height, Window, Stride, Pad), detail::window_count(in.width, Window, Stride, Pad),
            in.channels};
  }
  static constexpr ops::Pool2DGeometry geometry(Shape in) {
    const Shape out = output(in);
    return {.batch = 0,
            .height = in.height,
            .width = in.width,
            .channels = in.channels,
            .out_height = out.height,
            .out_width = out.width,
            .window = Window,
            .stride = Stride,
            .pad_top = detail::window_padding(in.height, Window, Stride, Pad),
            .pad_left = detail::window_padding(in.width, Window, Stride, Pad)};
  }
};

}  // namespace ferlab::detail
