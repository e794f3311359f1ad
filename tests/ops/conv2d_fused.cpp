// SPDX-License-Identifier: MIT
#include "ops/conv2d_operands.hpp"
#include "support/shapes.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("a convolution finds the statistics of its result", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  const double ulp = double(std::numeric_limits<T>::epsilon());
  for (const ops::Conv2DGeometry& g : shapes::small_convs())
    for (const auto activation : {ops::Activation::none, ops::Activation::relu}) {
      INFO(shapes::text(g));
      Conv2DOperands<TestType> m(g);
      auto expected = reference::conv2d(g, m.x_values, m.w_values);
      const auto filters = std::size_t(g.filters), rows = expected.size() / filters;
      std::vector<double> mean(filters), variance(filters), inv_std(filters);
      double largest = 1;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] += m.bias_values[i % filters];
        if (activation == ops::Activation::relu) expected[i] = std::max(expected[i], T(0));
        mean[i % filters] += double(expected[i]) / double(rows);
        largest = std::max(largest, std::abs(double(expected[i])));
      }
      for (std::size_t i = 0; i < expected.size(); ++i)
        variance[i % filters] += std::pow(double(expected[i]) - mean[i % filters], 2) / double(rows);
      for (std::size_t f = 0; f < filters; ++f) inv_std[f] = 1 / std::sqrt(variance[f] + 0.5);

      auto conv = m.forward();
      conv.activation = activation;
      const auto found_mean = m.scalars(filters), found_inv_std = m.scalars(filters);
      const auto moving_mean = m.weight(std::vector<T>(filters, T(8)));
      const auto moving_variance = m.weight(std::vector<T>(filters, T(4)));
      m.run(ops::Conv2DStatistics{.conv = conv,
                                  .statistics = {.x = m.y,
                                                 .mean = found_mean,
                                                 .inv_std = found_inv_std,
                                                 .moving_mean = moving_mean,
                                                 .moving_variance = moving_variance,
                                                 .epsilon = m.setting(0.5),
                                                 .momentum = m.setting(0.75)}});
      REQUIRE(m[m.y] == expected);
      REQUIRE(distance(m[found_mean], mean, largest) <= 4 * ulp);
      REQUIRE(distance(m[found_inv_std], inv_std) <= 16 * ulp);
      for (std::size_t f = 0; f < filters; ++f) {
        mean[f] = 6 + 0.25 * mean[f];
        variance[f] = 3 + 0.25 * variance[f];
      }
      REQUIRE(distance(m[moving_mean], mean, 8 + largest) <= 4 * ulp);
      REQUIRE(distance(m[moving_variance], variance, 4 + largest * largest) <= 16 * ulp);
    }
}

TEMPLATE_LIST_TEST_CASE("a convolution's gradient propagated through the ReLU and bias before it", "",
                        InFloatAndDouble) {
  using T = typename TestType::Scalar;
  for (const ops::Conv2DGeometry& g : shapes::small_convs()) {
    INFO(shapes::text(g));
    Conv2DOperands<TestType> m(g);
    auto dx_expected = reference::conv2d_backward_data(g, m.dy_values, m.w_values);
    std::vector<T> dbias_expected(std::size_t(g.channels));
    for (std::size_t i = 0; i < dx_expected.size(); ++i) {
      if (!(m.x_values[i] > 0)) dx_expected[i] = 0;
      dbias_expected[i % dbias_expected.size()] += dx_expected[i];
    }
    const auto dbias = m.gradient(dbias_expected.size());
    m.run(ops::Conv2DBackwardDataReLUBias{
        .geometry = m.geometry, .x = m.x, .dy = m.dy, .kernel = m.kernel, .dx = m.dx, .dbias = dbias});
    REQUIRE(m[m.dx] == dx_expected);
    REQUIRE(m[dbias] == dbias_expected);
  }
}
