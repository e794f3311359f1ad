// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"
#include "ops/pool_shapes.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("max pool against plain loops, few distinct values so that many tie", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  for (const ops::Pool2DGeometry& g : pool_shapes) {
    INFO(text(g));
    const auto x_values = integers<T>(input_size(g), 2, 1), dy_values = integers<T>(output_size(g), 9, 2);
    std::vector<T> y_expected, dx_expected(x_values.size(), 0);
    std::vector<std::uint8_t> argmax_expected;
    for_each_window(g, [&](std::size_t out, const std::vector<Tap>& taps) {
      Tap best = taps[0];
      for (const Tap& tap : taps)
        if (x_values[tap.input] > x_values[best.input]) best = tap;
      y_expected.push_back(x_values[best.input]);
      argmax_expected.push_back(std::uint8_t(best.position));
      dx_expected[best.input] += dy_values[out];
    });
    Operands<TestType> m(g.batch);
    const auto x = m.value(input_shape(g), x_values), dy = m.value(output_shape(g), dy_values);
    const auto y = m.value(output_shape(g)), alone = m.value(output_shape(g)), dx = m.value(input_shape(g));
    const auto argmax = m.bytes(output_shape(g).size());
    m.run(ops::MaxPool{.geometry = of_any_batch(g), .x = x, .y = y, .argmax = argmax});
    REQUIRE(m[y] == y_expected);
    REQUIRE(m[argmax] == argmax_expected);
    m.run(ops::MaxPoolBackward{.geometry = of_any_batch(g), .dy = dy, .argmax = argmax, .dx = dx});
    REQUIRE(m[dx] == dx_expected);
    m.run(ops::MaxPool{.geometry = of_any_batch(g), .x = x, .y = alone});  // no backward pass
    REQUIRE(m[alone] == y_expected);
  }
}

TEMPLATE_LIST_TEST_CASE("max pool lets NaN through, wherever it stands in the window", "", InFloat) {
  const ops::Pool2DGeometry g{0, 2, 2, 5, 1, 1, 2, 2, 0, 0};
  for (std::size_t position = 0; position < 4; ++position) {
    auto x_values = integers(20, 5, 1);
    for (std::size_t c = 0; c < 5; ++c) x_values[position * 5 + c] = NAN;
    Operands<TestType> m(1);
    const auto x = m.value({2, 2, 5}, x_values), y = m.value({1, 1, 5});
    const auto argmax = m.bytes(5);
    m.run(ops::MaxPool{.geometry = g, .x = x, .y = y, .argmax = argmax});
    for (std::size_t c = 0; c < 5; ++c) {
      CHECK(std::isnan(m[y][c]));
      CHECK(m[argmax][c] == position);
    }
  }
}
