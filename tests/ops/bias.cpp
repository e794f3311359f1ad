// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("the gradient of a bias, with and without a ReLU's mask", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  for (const int channels : {1, 3, 7, 16, 17, 64, 70, 130})
    for (const auto& [batch, pixels] : {std::pair{1, 1}, {1, 5}, {64, 1}, {5, 13}, {3, 111}}) {
      INFO(batch << " x " << pixels << " x " << channels);
      const auto c = std::size_t(channels), n = std::size_t(batch * pixels) * c;
      const auto y_values = integers<T>(n, 2, 1), dy_values = integers<T>(n, 9, 2);
      std::vector<T> masked(dy_values), sums(c), masked_sums(c);
      for (std::size_t i = 0; i < n; ++i) {
        if (!(y_values[i] > 0)) masked[i] = 0;
        sums[i % c] += dy_values[i];
        masked_sums[i % c] += masked[i];
      }
      Operands<TestType> m(batch);
      const Shape shape{pixels, 1, channels};
      const auto y = m.value(shape, y_values), dy = m.value(shape, dy_values), dx = m.value(shape);
      const auto dbias = m.gradient(c);
      m.run(ops::BiasBackward{.dy = dy, .dbias = dbias});
      REQUIRE(m[dbias] == sums);
      m.run(ops::ReLUBiasBackward{.y = y, .dy = dy, .dx = dx, .dbias = dbias});
      REQUIRE(m[dx] == masked);
      REQUIRE(m[dbias] == masked_sums);
    }
}

TEMPLATE_LIST_TEST_CASE("a bias gradient over many rows keeps its digits", "", InFloat) {
  const int rows = 1 << 20;
  Operands<TestType> m(1);
  const auto dy = m.value({rows, 1, 1}, std::vector<float>(rows, 0.1f));
  const auto dbias = m.gradient(1);
  m.run(ops::BiasBackward{.dy = dy, .dbias = dbias});
  CHECK(double(m[dbias][0]) == Approx(double(rows) * double(0.1f)).epsilon(1e-6));
}
