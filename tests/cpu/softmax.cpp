// SPDX-License-Identifier: MIT
#include "ferlab/cpu/softmax.hpp"

#include "cpu/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_TEST_CASE("softmax by its definition", "", float, double) {
  const double ulp = double(std::numeric_limits<TestType>::epsilon());
  for (const auto& [rows, classes] : {std::pair{1, 1}, {3, 7}, {5001, 7}, {300, 1000}}) {
    INFO(rows << " x " << classes);
    const auto n = std::size_t(rows) * std::size_t(classes);
    const auto x = normals<TestType>(n, 1, 0, 4), dy = normals<TestType>(n, 2);
    std::vector<double> y_expected(n), dx_expected(n);
    for (std::size_t r = 0; r < n; r += std::size_t(classes)) {
      double sum = 0, dot = 0;
      for (std::size_t k = r; k < r + std::size_t(classes); ++k) sum += std::exp(double(x[k]));
      for (std::size_t k = r; k < r + std::size_t(classes); ++k) {
        y_expected[k] = std::exp(double(x[k])) / sum;
        dot += y_expected[k] * double(dy[k]);
      }
      for (std::size_t k = r; k < r + std::size_t(classes); ++k) dx_expected[k] = y_expected[k] * (double(dy[k]) - dot);
    }
    const auto y = same_on_any_threads([&](const Cpu& cpu) {
      auto out = poison<TestType>(n);
      softmax_forward(cpu, rows, classes, x.data(), out.data());
      auto in_place = x;
      softmax_forward(cpu, rows, classes, in_place.data(), in_place.data());
      REQUIRE(in_place == out);
      return out;
    });
    const auto dx = same_on_any_threads([&](const Cpu& cpu) {
      auto out = poison<TestType>(n);
      softmax_backward(cpu, rows, classes, y.data(), dy.data(), out.data());
      return out;
    });
    CHECK(distance(y, y_expected) <= 16 * ulp);
    CHECK(distance(dx, dx_expected) <= 32 * ulp);
  }
}

TEST_CASE("softmax of huge numbers does not overflow, of equal numbers is even, of NaN is NaN") {
  const std::vector<float> x{1e30f, 0, -1e30f, 5, 5, 5, 1, NAN, 2};
  std::vector<float> y(9);
  softmax_forward(Cpu(1), 3, 3, x.data(), y.data());
  CHECK((y[0] == 1 && y[1] == 0 && y[2] == 0));
  for (int k = 3; k < 6; ++k) CHECK(y[std::size_t(k)] == 1 / 3.0f);
  for (int k = 6; k < 9; ++k) CHECK(std::isnan(y[std::size_t(k)]));
}
