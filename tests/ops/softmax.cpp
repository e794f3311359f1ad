// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("softmax by its definition", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  const double ulp = double(std::numeric_limits<T>::epsilon());
  for (const auto& [rows, classes] : {std::pair{1, 1}, {3, 7}, {5001, 7}, {300, 1000}}) {
    INFO(rows << " x " << classes);
    const auto n = std::size_t(rows) * std::size_t(classes);
    const auto x_values = normals<T>(n, 1, 0, 4), dy_values = normals<T>(n, 2);
    std::vector<double> y_expected(n), dx_expected(n);
    for (std::size_t r = 0; r < n; r += std::size_t(classes)) {
      double sum = 0, dot = 0;
      for (std::size_t k = r; k < r + std::size_t(classes); ++k) sum += std::exp(double(x_values[k]));
      for (std::size_t k = r; k < r + std::size_t(classes); ++k) {
        y_expected[k] = std::exp(double(x_values[k])) / sum;
        dot += y_expected[k] * double(dy_values[k]);
      }
      for (std::size_t k = r; k < r + std::size_t(classes); ++k)
        dx_expected[k] = y_expected[k] * (double(dy_values[k]) - dot);
    }
    Operands<TestType> m(rows);
    const Shape shape{1, 1, classes};
    const auto x = m.value(shape, x_values), dy = m.value(shape, dy_values), y = m.value(shape), dx = m.value(shape);
    m.run(ops::Softmax{.x = x, .y = y});
    m.run(ops::SoftmaxBackward{.y = y, .dy = dy, .dx = dx});
    CHECK(distance(m[y], y_expected) <= 16 * ulp);
    CHECK(distance(m[dx], dx_expected) <= 32 * ulp);
  }
}

TEMPLATE_LIST_TEST_CASE("softmax of huge numbers does not overflow, of equal ones is even, of NaN is NaN", "",
                        InFloat) {
  Operands<TestType> m(3);
  const auto x = m.value({1, 1, 3}, {1e30f, 0, -1e30f, 5, 5, 5, 1, NAN, 2}), out = m.value({1, 1, 3});
  m.run(ops::Softmax{.x = x, .y = out});
  const auto y = m[out];
  CHECK((y[0] == 1 && y[1] == 0 && y[2] == 0));
  for (std::size_t k = 3; k < 6; ++k) CHECK(y[k] == 1 / 3.0f);
  for (std::size_t k = 6; k < 9; ++k) CHECK(std::isnan(y[k]));
}
