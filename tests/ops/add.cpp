// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("add, accumulate and copy", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  for (const int size : {1, 3, 1000, 33335}) {
    Operands<TestType> m(3);
    const Shape shape{1, 1, size};
    const auto n = std::size_t(3 * size);
    const auto a_values = integers<T>(n, 1000, 1), b_values = integers<T>(n, 1000, 2);
    std::vector<T> sum(n);
    for (std::size_t i = 0; i < n; ++i) sum[i] = a_values[i] + b_values[i];
    const auto a = m.value(shape, a_values), b = m.value(shape, b_values), y = m.value(shape), copy = m.value(shape);
    m.run(ops::Add{.a = a, .b = b, .y = y});
    CHECK(m[y] == sum);
    m.run(ops::Copy{.x = b, .y = copy});
    CHECK(m[copy] == b_values);
    m.run(ops::Accumulate{.x = a, .y = b});
    CHECK(m[b] == sum);
    m.run(ops::Add{.a = a, .b = a, .y = y});  // one value twice
    for (std::size_t i = 0; i < n; ++i) sum[i] = a_values[i] + a_values[i];
    CHECK(m[y] == sum);
  }
}
