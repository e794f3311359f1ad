// SPDX-License-Identifier: MIT
// Whole numbers small enough that every float sum is exact: every backend must equal plain loops to the bit.
#include "ops/conv2d_operands.hpp"
#include "support/shapes.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

template <class Host>
void check_all(const ops::Conv2DGeometry& g) {
  using T = typename Host::Scalar;
  INFO(shapes::text(g));
  Conv2DOperands<Host> m(g);
  auto expected = reference::conv2d(g, m.x_values, m.w_values);
  auto op = m.forward();
  op.bias = {};
  m.run(op);
  REQUIRE(m[m.y] == expected);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += m.bias_values[i % m.bias_values.size()];
  m.run(m.forward());
  REQUIRE(m[m.y] == expected);
  for (T& y : expected) y = std::max(y, T(0));
  op = m.forward(), op.activation = ops::Activation::relu;
  m.run(op);
  REQUIRE(m[m.y] == expected);

  m.run(ops::Conv2DBackwardData{.geometry = m.geometry, .dy = m.dy, .kernel = m.kernel, .dx = m.dx});
  REQUIRE(m[m.dx] == reference::conv2d_backward_data(g, m.dy_values, m.w_values));
  m.run(ops::Conv2DBackwardFilter{.geometry = m.geometry, .x = m.x, .dy = m.dy, .dkernel = m.dkernel});
  REQUIRE(m[m.dkernel] == reference::conv2d_backward_filter(g, m.x_values, m.dy_values));
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("convolution equals plain loops, small and odd shapes", "", InFloatAndDouble) {
  for (const ops::Conv2DGeometry& g : shapes::small_convs()) check_all<TestType>(g);
}

TEMPLATE_LIST_TEST_CASE("convolution equals plain loops, the tutorial's layers", "", InFloat) {
  for (const auto& [name, g] : shapes::tutorial_convs(1)) check_all<TestType>(g);
}

TEMPLATE_LIST_TEST_CASE("convolution lets NaN through, also a fused ReLU", "", InFloat) {
  const ops::Conv2DGeometry g = shapes::conv(1, 6, 6, 3, 20, 3);
  Operands<TestType> m(1);
  auto x_values = integers(6 * 6 * 3, 4, 1);
  x_values[(2 * 6 + 3) * 3] = NAN;
  const auto x = m.value({6, 6, 3}, x_values), out = m.value({6, 6, 20});
  const auto kernel = m.weight(std::vector<float>(3 * 3 * 3 * 20, 1.0f));
  m.run(ops::Conv2D{.geometry = g, .x = x, .kernel = kernel, .y = out, .activation = ops::Activation::relu});
  const auto y = m[out];
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 6; ++j)
      for (int f = 0; f < 20; ++f) {
        const bool reads_it = std::abs(i - 2) <= 1 && std::abs(j - 3) <= 1;
        REQUIRE(std::isnan(y[std::size_t((i * 6 + j) * 20 + f)]) == reads_it);
      }
}
