// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/bias.hpp"
#include "ferlab/layers/layer.hpp"
#include "ferlab/layers/window.hpp"
#include "ferlab/ops/bias.hpp"
#include "ferlab/ops/conv2d.hpp"
#include "ferlab/ops/geometry.hpp"

namespace ferlab {

/// y[i, j, f] = bias[f] + sum over the kernel and the input channels of x * kernel: [h, w, c] -> [h', w', Filters].
/// Weights: kernel [KernelSize, KernelSize, c, Filters], bias [Filters]. As keras.layers.Conv2D.
template <int Filters, int KernelSize, Padding Pad = Padding::same, int Stride = 1, Bias UseBias = Bias::yes>
struct Conv2D {
  static_assert(Filters > 0 && KernelSize > 0 && Stride > 0,
                "ferlab: Conv2D needs positive filters, kernel size and stride");

  Initializer kernel_initializer = Initializer::glorot_uniform;
  Initializer bias_initializer = Initializer::zeros;
  L2 kernel_regularizer{};

  static constexpr const char* name = "conv2d";
  using lowers_to = ops::OpTypes<ops::Conv2D, ops::BiasBackward, ops::Conv2DBackwardFilter, ops::Conv2DBackwardData>;

  static constexpr bool accepts(Shape in) { return output(in).height > 0 && output(in).width > 0; }
  template <Shape In>
  struct rejected {
    static_assert(accepts(In),
                  "ferlab: Conv2D's kernel is larger than the image; use Padding::same or a smaller kernel");
  };
  static constexpr Shape output(Shape in) {
    return {detail::window_count(in.height, KernelSize, Stride, Pad),
            detail::window_count(in.width, KernelSize, Stride, Pad), Filters};
  }
  static constexpr ops::Conv2DGeometry geometry(Shape in) {
    const Shape out = output(in);
    return {.batch = 0,
            .height = in.height,
            .width = in.width,
            .channels = in.channels,
            .out_height = out.height,
            .out_width = out.width,
            .filters = Filters,
            .kernel = KernelSize,
            .stride = Stride,
            .pad_top = detail::window_padding(in.height, KernelSize, Stride, Pad),
            .pad_left = detail::window_padding(in.width, KernelSize, Stride, Pad)};
  }

  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const ops::Conv2DGeometry sizes = geometry(x.shape);
    const auto kernel = g.weight({"kernel", 4, {KernelSize, KernelSize, x.shape.channels, Filters}, true, true},
                                 kernel_initializer, kernel_regularizer);
    ops::Weight bias;
    if constexpr (UseBias == Bias::yes) bias = g.weight({"bias", 1, {Filters, 1, 1, 1}}, bias_initializer);
    const auto y = g.value(output(x.shape)), dy = g.gradient(y);
    g.run(ops::Conv2D{.geometry = sizes, .x = x, .kernel = kernel, .bias = bias, .y = y});
    if constexpr (UseBias == Bias::yes) g.run_backward(ops::BiasBackward{.dy = dy, .dbias = g.gradient(bias)});
    g.run_backward(ops::Conv2DBackwardFilter{.geometry = sizes, .x = x, .dy = dy, .dkernel = g.gradient(kernel)});
    g.run_backward(ops::Conv2DBackwardData{.geometry = sizes, .dy = dy, .kernel = kernel, .dx = g.gradient(x)});
    return y;
  }
};

}  // namespace ferlab
