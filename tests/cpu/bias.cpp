// SPDX-License-Identifier: MIT
#include "ferlab/cpu/bias.hpp"

#include "cpu/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_TEST_CASE("the gradient of a bias, with and without a ReLU's mask", "", float, double) {
  using T = TestType;
  for (const int channels : {1, 3, 7, 16, 17, 64, 70, 130})
    for (const std::size_t rows : {1, 5, 64, 65, 333}) {
      INFO(rows << " x " << channels);
      const auto n = std::size_t(channels);
      const auto y = integers<T>(rows * n, 2, 1), dy = integers<T>(rows * n, 9, 2);
      std::vector<T> masked(dy), sums(n), masked_sums(n);
      for (std::size_t i = 0; i < masked.size(); ++i) {
        if (!(y[i] > 0)) masked[i] = 0;
        sums[i % n] += dy[i];
        masked_sums[i % n] += masked[i];
      }
      REQUIRE(same_on_any_threads([&](const Cpu& cpu) {
                auto db = poison<T>(n);
                bias_backward(cpu, std::ptrdiff_t(rows), channels, dy.data(), db.data());
                return db;
              }) == sums);
      REQUIRE(same_on_any_threads([&](const Cpu& cpu) {
                auto db = poison<T>(n), d = dy;
                relu_bias_backward(cpu, std::ptrdiff_t(rows), channels, y.data(), d.data(), db.data());
                return std::pair{d, db};
              }) == std::pair{masked, masked_sums});
    }
}

TEST_CASE("a bias gradient over many rows keeps its digits") {
  const std::size_t rows = 1 << 20;
  const std::vector<float> dy(rows, 0.1f);
  float db = 0;
  bias_backward(Cpu(1), std::ptrdiff_t(rows), 1, dy.data(), &db);
  CHECK(double(db) == Approx(double(rows) * double(0.1f)).epsilon(1e-6));
}
