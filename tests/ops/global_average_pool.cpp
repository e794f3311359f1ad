// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("global average pool against plain loops", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  struct Size {
    int batch;
    Shape shape;
  };
  for (const auto& [batch, shape] : {Size{1, {1, 1, 1}}, {3, {3, 3, 5}}, {65, {7, 7, 130}}, {7, {48, 48, 3}}}) {
    INFO(batch << " x " << to_string(shape));
    const auto channels = std::size_t(shape.channels), pixels = shape.size() / channels;
    const auto x_values = integers<T>(std::size_t(batch) * shape.size(), 100, 1);
    const auto dy_values = integers<T>(std::size_t(batch) * channels, 100, 2);
    std::vector<T> y_expected(dy_values.size(), 0), dx_expected(x_values.size());
    for (std::size_t i = 0; i < x_values.size(); ++i) {
      const std::size_t c = i % channels, b = i / shape.size();
      y_expected[b * channels + c] += x_values[i];
      dx_expected[i] = dy_values[b * channels + c] / T(pixels);
    }
    for (T& value : y_expected) value /= T(pixels);
    Operands<TestType> m(batch);
    const Shape flat{1, 1, shape.channels};
    const auto x = m.value(shape, x_values), dy = m.value(flat, dy_values), y = m.value(flat), dx = m.value(shape);
    m.run(ops::GlobalAveragePool{.x = x, .y = y});
    CHECK(m[y] == y_expected);
    m.run(ops::GlobalAveragePoolBackward{.dy = dy, .dx = dx});
    CHECK(m[dx] == dx_expected);
  }
}
