// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("relu on any number of elements", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  for (const auto& [batch, size] : {std::pair{1, 1}, {3, 1}, {1, 17}, {8, 125}, {3, 33335}}) {
    INFO(batch << " x " << size);
    const auto n = std::size_t(batch * size);
    const auto x_values = integers<T>(n, 3, n), dy_values = integers<T>(n, 100, n + 1);
    std::vector<T> y_expected(n), dx_expected(n);
    for (std::size_t i = 0; i < n; ++i) {
      y_expected[i] = x_values[i] > 0 ? x_values[i] : 0;
      dx_expected[i] = x_values[i] > 0 ? dy_values[i] : 0;
    }
    Operands<TestType> m(batch);
    const Shape shape{1, 1, size};
    const auto x = m.value(shape, x_values), dy = m.value(shape, dy_values), y = m.value(shape), dx = m.value(shape);
    m.run(ops::ReLU{.x = x, .y = y});
    REQUIRE(m[y] == y_expected);
    m.run(ops::ReLUBackward{.y = y, .dy = dy, .dx = dx});
    REQUIRE(m[dx] == dx_expected);
  }
}

TEMPLATE_LIST_TEST_CASE("relu lets NaN through, so that training notices it", "", InFloat) {
  Operands<TestType> m(1);
  const auto x = m.value({1, 1, 5}, nans(5)), y = m.value({1, 1, 5});
  m.run(ops::ReLU{.x = x, .y = y});
  for (float value : m[y]) CHECK(std::isnan(value));
}
