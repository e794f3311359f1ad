// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"
#include "ops/pool_shapes.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("average pool against plain loops; padding does not count", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  for (const ops::Pool2DGeometry& g : pool_shapes) {
    INFO(text(g));
    const auto x_values = integers<T>(input_size(g), 100, 1), dy_values = integers<T>(output_size(g), 100, 2);
    std::vector<T> y_expected, dx_expected(x_values.size(), 0);
    for_each_window(g, [&](std::size_t out, const std::vector<Tap>& taps) {
      T sum = 0;
      for (const Tap& tap : taps) sum += x_values[tap.input];
      y_expected.push_back(sum / T(taps.size()));
      for (const Tap& tap : taps) dx_expected[tap.input] += dy_values[out] / T(taps.size());
    });
    Operands<TestType> m(g.batch);
    const auto x = m.value(input_shape(g), x_values), dy = m.value(output_shape(g), dy_values);
    const auto y = m.value(output_shape(g)), dx = m.value(input_shape(g));
    m.run(ops::AveragePool{.geometry = of_any_batch(g), .x = x, .y = y});
    CHECK(m[y] == y_expected);
    m.run(ops::AveragePoolBackward{.geometry = of_any_batch(g), .dy = dy, .dx = dx});
    CHECK(m[dx] == dx_expected);
  }
}
