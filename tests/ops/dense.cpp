// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"
#include "support/shapes.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("dense layers equal plain loops", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  auto sizes = shapes::small_dense;
  for (const auto& [name, in, units] : shapes::tutorial_dense) sizes.push_back({3, in, units});
  for (const shapes::DenseSize& size : sizes) {
    INFO(size.batch << " x " << size.in << " -> " << size.units);
    const auto b = std::size_t(size.batch), n = std::size_t(size.in), u = std::size_t(size.units);
    const auto x_values = integers<T>(b * n, 3, 1), w = integers<T>(n * u, 3, 2), dy_values = integers<T>(b * u, 3, 3),
               bias_values = integers<T>(u, 9, 4);
    std::vector<T> y_expected(b * u), dx_expected(b * n), dw_expected(n * u);
    for (std::size_t i = 0; i < b; ++i)
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t k = 0; k < u; ++k) {
          y_expected[i * u + k] += x_values[i * n + j] * w[j * u + k];
          dx_expected[i * n + j] += dy_values[i * u + k] * w[j * u + k];
          dw_expected[j * u + k] += x_values[i * n + j] * dy_values[i * u + k];
        }
    Operands<TestType> m(size.batch);
    const Shape in{1, 1, size.in}, out{1, 1, size.units};
    const auto x = m.value(in, x_values), dy = m.value(out, dy_values), y = m.value(out), dx = m.value(in);
    const auto kernel = m.weight(w), bias = m.weight(bias_values);
    const auto dkernel = m.gradient(n * u);
    m.run(ops::Dense{.x = x, .kernel = kernel, .y = y});
    REQUIRE(m[y] == y_expected);
    for (std::size_t i = 0; i < y_expected.size(); ++i) y_expected[i] += bias_values[i % u];
    m.run(ops::Dense{.x = x, .kernel = kernel, .bias = bias, .y = y});
    REQUIRE(m[y] == y_expected);
    for (T& value : y_expected) value = std::max(value, T(0));
    m.run(ops::Dense{.x = x, .kernel = kernel, .bias = bias, .y = y, .activation = ops::Activation::relu});
    REQUIRE(m[y] == y_expected);
    m.run(ops::DenseBackwardFilter{.x = x, .dy = dy, .dkernel = dkernel});
    REQUIRE(m[dkernel] == dw_expected);
    m.run(ops::DenseBackwardData{.dy = dy, .kernel = kernel, .dx = dx});
    REQUIRE(m[dx] == dx_expected);
  }
}
