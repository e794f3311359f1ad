// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/core/geometry.hpp"
#include "ferlab/layers/bias.hpp"
#include "ferlab/layers/layer.hpp"

namespace ferlab {

/// y[u] = bias[u] + sum over c of x[c] * kernel[c, u]: [c] -> [Units]. Weights: kernel [c, Units], bias [Units].
/// As keras.layers.Dense on flat input.
template <int Units, Bias UseBias = Bias::yes>
struct Dense {
  static_assert(Units > 0, "ferlab: Dense needs a positive number of units");

  Initializer kernel_initializer = glorot_uniform;
  Initializer bias_initializer = zeros;
  L2 kernel_regularizer{};

  static constexpr const char* name = "dense";

  static constexpr bool accepts(Shape in) { return in.is_flat(); }
  template <Shape In>
  struct rejected {
    static_assert(accepts(In), "ferlab: Dense takes a flat input; put Flatten before it");
  };
  static constexpr Shape output(Shape) { return {1, 1, Units}; }
  static constexpr auto parameters(Shape in) {
    std::array<Parameter, UseBias == Bias::yes ? 2 : 1> table;
    table[0] = {"kernel", 2, {in.channels, Units, 1, 1}};
    if constexpr (UseBias == Bias::yes) table[1] = {"bias", 1, {Units, 1, 1, 1}};
    return table;
  }
  template <class Backend>
  static constexpr Memory memory(Shape in) {
    return {.backward_reads_output = false,
            .skips_dx = true,
            .scratch = dense_backward_scratch_size(On<Backend>{}, in.channels, Units),
            .prepared = dense_packed_size(On<Backend>{}, in.channels, Units)};
  }
  Initializer initializer(int parameter) const { return parameter == 0 ? kernel_initializer : bias_initializer; }
  L2 regularizer(int parameter) const { return parameter == 0 ? kernel_regularizer : L2{}; }

  template <class Backend, class T, class V>
  void prepare(const Backend& backend, const Pass<T, V>& p) const {
    dense_pack(backend, p.in.channels, Units, p.parameter[0], p.prepared);
  }
  template <class Backend, class T, class V>
  void forward(const Backend& backend, const Pass<T, V>& p) const {
    dense_forward(backend, p.batch, p.in.channels, Units, p.x, p.prepared, p.rounded[1], Activation::none, p.y);
  }
  template <class Backend, class T, class V>
  void backward(const Backend& backend, const Pass<T, V>& p) const {
    if constexpr (UseBias == Bias::yes) bias_backward(backend, p.batch, Units, p.dy, p.gradient[1], p.scratch);
    backward_kernel(backend, p);
  }
  /// The part of `backward` that fused stages share: the gradients of kernel and input from a final dy.
  template <class Backend, class T, class V>
  void backward_kernel(const Backend& backend, const Pass<T, V>& p) const {
    const int in = p.in.channels;
    dense_backward_filter(backend, p.batch, in, Units, p.x, p.dy, p.gradient[0], p.scratch);
    if (p.dx) dense_backward_data(backend, p.batch, in, Units, p.dy, p.rounded[0], p.dx, p.scratch);
  }
};

}  // namespace ferlab
