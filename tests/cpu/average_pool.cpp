// SPDX-License-Identifier: MIT
#include "ferlab/cpu/average_pool.hpp"

#include "cpu/op_test.hpp"
#include "cpu/pool_shapes.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_TEST_CASE("average pool against plain loops; padding does not count", "", float, double) {
  for (const Pool2DGeometry& g : pool_shapes) {
    INFO(text(g));
    const auto x = integers<TestType>(input_size(g), 100, 1);
    auto dy = integers<TestType>(output_size(g), 100, 2);
    std::vector<TestType> y_expected, dx_expected(x.size(), 0);
    for_each_window(g, [&](std::size_t out, const std::vector<Tap>& taps) {
      TestType sum = 0;
      for (const Tap& tap : taps) sum += x[tap.input];
      y_expected.push_back(sum / TestType(taps.size()));
      for (const Tap& tap : taps) dx_expected[tap.input] += dy[out] / TestType(taps.size());
    });
    const auto y = same_on_any_threads([&](const Cpu& cpu) {
      auto out = poison<TestType>(output_size(g));
      average_pool_forward(cpu, g, x.data(), out.data());
      return out;
    });
    const auto dx = same_on_any_threads([&](const Cpu& cpu) {
      auto out = poison<TestType>(x.size());
      average_pool_backward(cpu, g, dy.data(), out.data());
      return out;
    });
    CHECK(y == y_expected);
    CHECK(dx == dx_expected);
  }
}

TEMPLATE_TEST_CASE("global average pool", "", float, double) {
  for (const auto& [batch, pixels, channels] : {std::array{1, 1, 1}, {3, 9, 5}, {65, 49, 130}, {7, 2304, 3}}) {
    INFO(batch << " " << pixels << " " << channels);
    const auto x = integers<TestType>(std::size_t(batch * pixels * channels), 100, 1);
    const auto dy = integers<TestType>(std::size_t(batch * channels), 100, 2);
    std::vector<TestType> y_expected(dy.size(), 0), dx_expected(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t c = i % std::size_t(channels), b = i / std::size_t(pixels * channels);
      y_expected[b * std::size_t(channels) + c] += x[i];
      dx_expected[i] = dy[b * std::size_t(channels) + c] / TestType(pixels);
    }
    for (auto& value : y_expected) value /= TestType(pixels);
    const auto y = same_on_any_threads([&](const Cpu& cpu) {
      auto out = poison<TestType>(dy.size());
      global_average_pool_forward(cpu, batch, pixels, channels, x.data(), out.data());
      return out;
    });
    const auto dx = same_on_any_threads([&](const Cpu& cpu) {
      auto out = poison<TestType>(x.size());
      global_average_pool_backward(cpu, batch, pixels, channels, dy.data(), out.data());
      return out;
    });
    CHECK(y == y_expected);
    CHECK(dx == dx_expected);
  }
}
