// SPDX-License-Identifier: MIT
#include "ferlab/cpu/max_pool.hpp"

#include "cpu/op_test.hpp"
#include "cpu/pool_shapes.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_TEST_CASE("max pool against plain loops, few distinct values so that many tie", "", float, double) {
  for (const Pool2DGeometry& g : pool_shapes) {
    INFO(text(g));
    const auto x = integers<TestType>(input_size(g), 2, 1), dy = integers<TestType>(output_size(g), 9, 2);
    std::vector<TestType> y_expected, dx_expected(x.size(), 0);
    std::vector<std::uint8_t> argmax_expected;
    for_each_window(g, [&](std::size_t out, const std::vector<Tap>& taps) {
      Tap best = taps[0];
      for (const Tap& tap : taps)
        if (x[tap.input] > x[best.input]) best = tap;
      y_expected.push_back(x[best.input]);
      argmax_expected.push_back(std::uint8_t(best.position));
      dx_expected[best.input] += dy[out];
    });
    const auto [y, argmax] = same_on_any_threads([&](const Cpu& cpu) {
      auto out = poison<TestType>(output_size(g));
      std::vector<std::uint8_t> where(out.size(), 255);
      max_pool_forward(cpu, g, x.data(), out.data(), where.data());
      return std::pair{out, where};
    });
    REQUIRE(y == y_expected);
    REQUIRE(argmax == argmax_expected);
    const auto dx = same_on_any_threads([&](const Cpu& cpu) {
      auto out = poison<TestType>(x.size());
      max_pool_backward(cpu, g, dy.data(), argmax.data(), out.data());
      return out;
    });
    REQUIRE(dx == dx_expected);
    auto alone = poison<TestType>(y.size());
    max_pool_forward<TestType>(Cpu(1), g, x.data(), alone.data(), nullptr);
    REQUIRE(alone == y);
  }
}

TEST_CASE("max pool lets NaN through, wherever it stands in the window") {
  const Pool2DGeometry g{1, 2, 2, 5, 1, 1, 2, 2, 0, 0};
  for (std::size_t position = 0; position < 4; ++position) {
    auto x = integers(20, 5, 1);
    for (std::size_t c = 0; c < 5; ++c) x[position * 5 + c] = NAN;
    std::vector<float> y(5);
    std::vector<std::uint8_t> argmax(5);
    max_pool_forward(Cpu(1), g, x.data(), y.data(), argmax.data());
    for (std::size_t c = 0; c < 5; ++c) {
      CHECK(std::isnan(y[c]));
      CHECK(argmax[c] == position);
    }
  }
}
