// SPDX-License-Identifier: MIT
#include "ferlab/cpu/relu.hpp"

#include "cpu/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_TEST_CASE("relu on any number of elements and threads", "", float, double) {
  for (std::size_t n : {1, 3, 17, 1000, 100003}) {
    const auto x = integers<TestType>(n, 3, n), dy = integers<TestType>(n, 100, n + 1);
    std::vector<TestType> y_expected(n), dx_expected(n);
    for (std::size_t i = 0; i < n; ++i) {
      y_expected[i] = x[i] > 0 ? x[i] : 0;
      dx_expected[i] = x[i] > 0 ? dy[i] : 0;
    }
    const auto y = same_on_any_threads([&](const Cpu& cpu) {
      auto out = poison<TestType>(n);
      relu_forward(cpu, std::ptrdiff_t(n), x.data(), out.data());
      return out;
    });
    const auto dx = same_on_any_threads([&](const Cpu& cpu) {
      auto out = poison<TestType>(n);
      relu_backward(cpu, std::ptrdiff_t(n), y.data(), dy.data(), out.data());
      return out;
    });
    REQUIRE(y == y_expected);
    REQUIRE(dx == dx_expected);
  }
}

TEST_CASE("relu in place") {
  const std::size_t n = 50001;
  const Cpu cpu(2);
  const auto x = integers(n, 9, 1), dy = integers(n, 9, 2);
  auto y = poison(n), dx = poison(n);
  relu_forward(cpu, n, x.data(), y.data());
  relu_backward(cpu, n, y.data(), dy.data(), dx.data());
  auto in_place = x, gradient_in_place = dy;
  relu_forward(cpu, n, in_place.data(), in_place.data());
  relu_backward(cpu, n, y.data(), gradient_in_place.data(), gradient_in_place.data());
  REQUIRE(in_place == y);
  REQUIRE(gradient_in_place == dx);
}

TEST_CASE("relu lets NaN through, so that training notices it") {
  const auto x = poison(5);
  std::vector<float> y(5);
  relu_forward(Cpu(1), 5, x.data(), y.data());
  for (float value : y) CHECK(std::isnan(value));
}
