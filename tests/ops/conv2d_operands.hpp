// SPDX-License-Identifier: MIT
// The operands of a convolution of whole numbers, and of what is run with it.
#pragma once

#include "ops/op_test.hpp"
#include "support/reference_conv2d.hpp"

namespace op_test {

template <class Host>
struct Conv2DOperands : Operands<Host> {
  using T = typename Host::Scalar;
  ferlab::ops::Conv2DGeometry geometry;  // as ops hold it: of any batch
  std::vector<T> x_values, w_values, dy_values, bias_values;
  ferlab::ops::Value x, dy, y, dx;
  ferlab::ops::Weight kernel, bias;
  ferlab::ops::Gradient dkernel;

  explicit Conv2DOperands(const ferlab::ops::Conv2DGeometry& g) : Operands<Host>(g.batch), geometry(g) {
    const reference::ConvSizes sizes(g);
    geometry.batch = 0;
    x_values = integers<T>(sizes.x, 4, 1), w_values = integers<T>(sizes.w, 4, 2);
    dy_values = integers<T>(sizes.y, 4, 3), bias_values = integers<T>(std::size_t(g.filters), 9, 4);
    const ferlab::Shape in{g.height, g.width, g.channels}, out{g.out_height, g.out_width, g.filters};
    x = this->value(in, x_values), dy = this->value(out, dy_values), y = this->value(out), dx = this->value(in);
    kernel = this->weight(w_values), bias = this->weight(bias_values);
    dkernel = this->gradient(sizes.w);
  }

  ferlab::ops::Conv2D forward() const { return {.geometry = geometry, .x = x, .kernel = kernel, .bias = bias, .y = y}; }
};

}  // namespace op_test
