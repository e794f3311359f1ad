// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

constexpr ops::StepState state{.seed = 42, .step = 1'000'000'007};
constexpr int layer = 7;
constexpr RandomStream stream{.seed = 42, .index = layer, .purpose = Purpose::dropout, .step = 1'000'000'007};

}  // namespace

TEMPLATE_LIST_TEST_CASE("dropout keeps what the stream's words say, backward too", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  for (const auto& [batch, features] : {std::pair{1, 1}, {3, 7}, {5, 1027}, {7, 14001}}) {
    for (float rate : {0.0f, 0.25f, 0.5f, 0.9f}) {
      INFO(batch << " x " << features << ", rate " << rate);
      const auto n = std::size_t(batch) * std::size_t(features);
      const auto x_values = integers<T>(n, 50, 3), dy_values = integers<T>(n, 50, 4);
      std::vector<T> y_expected(n), dx_expected(n);
      for (std::size_t i = 0; i < n; ++i) {
        const T factor = stream.word(i) >= std::uint32_t(double(rate) * 0x1p32) ? 1 / (1 - T(rate)) : 0;
        y_expected[i] = x_values[i] * factor, dx_expected[i] = dy_values[i] * factor;
      }
      Operands<TestType> m(batch);
      m.state = state;
      const Shape shape{1, 1, features};
      const auto x = m.value(shape, x_values), dy = m.value(shape, dy_values), y = m.value(shape), dx = m.value(shape);
      const auto setting = m.setting(double(rate));
      m.run(ops::Dropout{.x = x, .y = y, .rate = setting, .layer = layer});
      REQUIRE(m[y] == y_expected);
      m.run(ops::DropoutBackward{.dy = dy, .dx = dx, .rate = setting, .layer = layer});
      REQUIRE(m[dx] == dx_expected);
    }
  }
}

TEMPLATE_LIST_TEST_CASE("dropout of two halves of a batch is that of the whole", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  const int half = 3;
  for (const int features : {1, 5, 7, 1030}) {  // a half begins anywhere in a block of four words
    const Shape shape{1, 1, features};
    const auto dropped = [&](int batch, std::uint64_t first_sample, bool backward) {
      Operands<TestType> m(batch);
      m.state = state, m.state.first_sample = first_sample;
      const auto x = m.value(shape, std::vector<T>(std::size_t(batch * features), T(1))), y = m.value(shape);
      const auto rate = m.setting(0.5);
      if (backward)
        m.run(ops::DropoutBackward{.dy = x, .dx = y, .rate = rate, .layer = layer});
      else
        m.run(ops::Dropout{.x = x, .y = y, .rate = rate, .layer = layer});
      return m[y];
    };
    const auto whole = dropped(2 * half, 0, false);
    for (const bool backward : {false, true}) {
      auto halves = dropped(half, 0, backward);
      const auto second = dropped(half, half, backward);
      halves.insert(halves.end(), second.begin(), second.end());
      CHECK(halves == whole);
    }
  }
}

TEMPLATE_LIST_TEST_CASE("dropout drops the asked part and keeps the mean", "", InFloat) {
  const int n = 1 << 20;
  Operands<TestType> m(1);
  m.state = state;
  const auto x = m.value({1, 1, n}, std::vector<float>(n, 3.0f)), y = m.value({1, 1, n});
  m.run(ops::Dropout{.x = x, .y = y, .rate = m.setting(0.4), .layer = layer});
  double zeros = 0, sum = 0;
  for (float value : m[y]) zeros += value == 0, sum += double(value);
  CHECK(zeros / n == Approx(0.4).margin(0.002));
  CHECK(sum / n == Approx(3).margin(0.02));
}
