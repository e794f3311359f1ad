// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"
#include "support/shapes.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("dense, relu and dropout in one go equal plain loops", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  constexpr RandomStream stream{.seed = 3, .index = 4, .purpose = Purpose::dropout, .step = 9};
  for (const shapes::DenseSize& size : shapes::small_dense)
    for (const std::uint64_t first_sample : {0u, 5u}) {
      INFO(size.batch << " x " << size.in << " -> " << size.units << ", from sample " << first_sample);
      const auto b = std::size_t(size.batch), n = std::size_t(size.in), u = std::size_t(size.units);
      const auto x_values = integers<T>(b * n, 3, 1), w = integers<T>(n * u, 3, 2),
                 dy_values = integers<T>(b * u, 3, 3), bias_values = integers<T>(u, 9, 4);
      std::vector<T> y_expected(b * u), dx_expected(b * u), dbias_expected(u);
      for (std::size_t i = 0; i < b; ++i)
        for (std::size_t k = 0; k < u; ++k) {
          T sum = bias_values[k];
          for (std::size_t j = 0; j < n; ++j) sum += x_values[i * n + j] * w[j * u + k];
          const bool kept = stream.word((first_sample + i) * u + k) >= 0x80000000u;
          y_expected[i * u + k] = kept && sum > 0 ? 2 * sum : 0;
          dx_expected[i * u + k] = kept && sum > 0 ? 2 * dy_values[i * u + k] : 0;
          dbias_expected[k] += dx_expected[i * u + k];
        }
      Operands<TestType> m(size.batch);
      m.state = {.seed = stream.seed, .step = stream.step, .first_sample = first_sample};
      const Shape in{1, 1, size.in}, out{1, 1, size.units};
      const auto x = m.value(in, x_values), dy = m.value(out, dy_values), y = m.value(out), dx = m.value(out);
      const auto kernel = m.weight(w), bias = m.weight(bias_values);
      const auto dbias = m.gradient(u);
      const auto rate = m.setting(0.5);
      const int layer = int(stream.index);
      m.run(
          ops::DenseDropout{.dense = {.x = x, .kernel = kernel, .bias = bias, .y = {}, .activation = ops::Activation::relu},
                            .dropout = {.x = {}, .y = y, .rate = rate, .layer = layer}});
      REQUIRE(m[y] == y_expected);
      m.run(ops::DropoutReLUBiasBackward{
          .dropout = {.dy = dy, .dx = {}, .rate = rate, .layer = layer}, .y = y, .dx = dx, .dbias = dbias});
      REQUIRE(m[dx] == dx_expected);
      REQUIRE(m[dbias] == dbias_expected);
    }
}
