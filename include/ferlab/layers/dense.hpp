// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/bias.hpp"
#include "ferlab/layers/layer.hpp"
#include "ferlab/ops/bias.hpp"
#include "ferlab/ops/dense.hpp"

namespace ferlab {

/// y[u] = bias[u] + sum over c of x[c] * kernel[c, u]: [c] -> [Units]. Weights: kernel [c, Units], bias [Units].
/// As keras.layers.Dense on flat input.
template <int Units, Bias UseBias = Bias::yes>
struct Dense {
  static_assert(Units > 0, "ferlab: Dense needs a positive number of units");

  Initializer kernel_initializer = Initializer::glorot_uniform;
  Initializer bias_initializer = Initializer::zeros;
  L2 kernel_regularizer{};

  static constexpr const char* name = "dense";
  using lowers_to = ops::OpTypes<ops::Dense, ops::BiasBackward, ops::DenseBackwardFilter, ops::DenseBackwardData>;

  static constexpr bool accepts(Shape in) { return in.is_flat(); }
  template <Shape In>
  struct rejected {
    static_assert(accepts(In), "ferlab: Dense takes a flat input; put Flatten before it");
  };
  static constexpr Shape output(Shape) { return {1, 1, Units}; }

  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const auto kernel =
        g.weight({"kernel", 2, {x.shape.channels, Units, 1, 1}}, kernel_initializer, kernel_regularizer);
    ops::Weight bias;
    if constexpr (UseBias == Bias::yes) bias = g.weight({"bias", 1, {Units, 1, 1, 1}}, bias_initializer);
    const auto y = g.value({1, 1, Units}), dy = g.gradient(y);
    g.run(ops::Dense{.x = x, .kernel = kernel, .bias = bias, .y = y});
    if constexpr (UseBias == Bias::yes) g.run_backward(ops::BiasBackward{.dy = dy, .dbias = g.gradient(bias)});
    g.run_backward(ops::DenseBackwardFilter{.x = x, .dy = dy, .dkernel = g.gradient(kernel)});
    g.run_backward(ops::DenseBackwardData{.dy = dy, .kernel = kernel, .dx = g.gradient(x)});
    return y;
  }
};

}  // namespace ferlab
