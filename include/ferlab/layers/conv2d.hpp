// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/core/geometry.hpp"
#include "ferlab/layers/bias.hpp"
#include "ferlab/layers/layer.hpp"
#include "ferlab/layers/window.hpp"

namespace ferlab {

/// y[i, j, f] = bias[f] + sum over the kernel and the input channels of x * kernel: [h, w, c] -> [h', w', Filters].
/// Weights: kernel [KernelSize, KernelSize, c, Filters], bias [Filters]. As keras.layers.Conv2D.
template <int Filters, int KernelSize, Padding Pad = Padding::same, int Stride = 1, Bias UseBias = Bias::yes>
struct Conv2D {
  static_assert(Filters > 0 && KernelSize > 0 && Stride > 0,
                "ferlab: Conv2D needs positive filters, kernel size and stride");

  Initializer kernel_initializer = glorot_uniform;
  Initializer bias_initializer = zeros;
  L2 kernel_regularizer{};

  static constexpr const char* name = "conv2d";

  static constexpr bool accepts(Shape in) { return output(in).height > 0 && output(in).width > 0; }
  template <Shape In>
  struct rejected {
    static_assert(accepts(In),
                  "ferlab: Conv2D's kernel is larger than the image; use Padding::same or a smaller kernel");
  };
  static constexpr Shape output(Shape in) {
    return {window_count(in.height, KernelSize, Stride, Pad), window_count(in.width, KernelSize, Stride, Pad), Filters};
  }
  static constexpr auto parameters(Shape in) {
    std::array<Parameter, UseBias == Bias::yes ? 2 : 1> table;
    table[0] = {"kernel", 4, {KernelSize, KernelSize, in.channels, Filters}, true, true};
    if constexpr (UseBias == Bias::yes) table[1] = {"bias", 1, {Filters, 1, 1, 1}};
    return table;
  }
  static constexpr Conv2DGeometry geometry(Shape in, int batch) {
    const Shape out = output(in);
    return {batch,
            in.height,
            in.width,
            in.channels,
            out.height,
            out.width,
            Filters,
            KernelSize,
            Stride,
            window_padding(in.height, KernelSize, Stride, Pad),
            window_padding(in.width, KernelSize, Stride, Pad)};
  }
  static constexpr Neighbours neighbours{.takes_relu = true, .gives_statistics = true};
  template <class Backend>
  static constexpr Memory memory(Shape in) {
    const Conv2DGeometry g = geometry(in, 1);
    return {.backward_reads_output = false,
            .skips_dx = true,
            .scratch = conv2d_backward_scratch_size(On<Backend>{}, g),
            .prepared = conv2d_packed_size(On<Backend>{}, g)};
  }
  Initializer initializer(int parameter) const { return parameter == 0 ? kernel_initializer : bias_initializer; }
  L2 regularizer(int parameter) const { return parameter == 0 ? kernel_regularizer : L2{}; }

  template <class Backend, class T, class V>
  void prepare(const Backend& backend, const Pass<T, V>& p) const {
    conv2d_pack(backend, geometry(p.in, p.batch), p.parameter[0], p.prepared);
  }
  template <class Backend, class T, class V>
  void forward(const Backend& backend, const Pass<T, V>& p) const {
    forward(backend, p, Activation::none);
  }
  template <class Backend, class T, class V>
  void backward(const Backend& backend, const Pass<T, V>& p) const {
    if constexpr (UseBias == Bias::yes)
      bias_backward(backend, std::ptrdiff_t(p.batch) * p.out.height * p.out.width, Filters, p.dy, p.gradient[1],
                    p.scratch);
    backward_kernel(backend, p);
  }
  /// What fused stages share of `forward`: they may end in a ReLU.
  template <class Backend, class T, class V>
  void forward(const Backend& backend, const Pass<T, V>& p, Activation activation) const {
    const Conv2DGeometry g = geometry(p.in, p.batch);
    if (p.statistics)
      conv2d_forward_statistics(backend, g, p.x, p.prepared, p.rounded[1], activation, p.y, *p.statistics, p.scratch);
    else
      conv2d_forward(backend, g, p.x, p.prepared, p.rounded[1], activation, p.y);
  }
  /// The part of `backward` that fused stages share: the gradients of kernel and input from a final dy.
  template <class Backend, class T, class V>
  void backward_kernel(const Backend& backend, const Pass<T, V>& p) const {
    const Conv2DGeometry g = geometry(p.in, p.batch);
    conv2d_backward_filter(backend, g, p.x, p.dy, p.gradient[0], p.scratch);
    if (p.relu_bias_gradient)
      conv2d_backward_data_relu_bias(backend, g, p.dy, p.rounded[0], p.x, p.dx, p.relu_bias_gradient, p.scratch);
    else if (p.dx)
      conv2d_backward_data(backend, g, p.dy, p.rounded[0], p.dx, p.scratch);
  }
};

}  // namespace ferlab
