// SPDX-License-Identifier: MIT
#include "ferlab/cpu/dense.hpp"

#include "cpu/op_test.hpp"
#include "support/shapes.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_TEST_CASE("dense layers equal plain loops", "", float, double) {
  using T = TestType;
  auto sizes = shapes::small_dense;
  for (const auto& [name, in, units] : shapes::tutorial_dense) sizes.push_back({3, in, units});
  for (const shapes::DenseSize& size : sizes) {
    const int batch = size.batch, in = size.in, units = size.units;
    INFO(batch << " x " << in << " -> " << units);
    const auto b = std::size_t(batch), n = std::size_t(in), m = std::size_t(units);
    const auto x = integers<T>(b * n, 3, 1), w = integers<T>(n * m, 3, 2), dy = integers<T>(b * m, 3, 3),
               bias = integers<T>(m, 9, 4);
    std::vector<T> y_expected(b * m), dx_expected(b * n), dw_expected(n * m);
    for (std::size_t i = 0; i < b; ++i)
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t k = 0; k < m; ++k) {
          y_expected[i * m + k] += x[i * n + j] * w[j * m + k];
          dx_expected[i * n + j] += dy[i * m + k] * w[j * m + k];
          dw_expected[j * m + k] += x[i * n + j] * dy[i * m + k];
        }
    for (std::size_t i = 0; i < y_expected.size(); ++i) y_expected[i] = std::max(y_expected[i] + bias[i % m], T(0));

    REQUIRE(same_on_any_threads([&](const Cpu& cpu) {
              auto packed = poison<T>(dense_packed_size(On<Cpu>{}, in, units)), y = poison<T>(b * m);
              dense_pack(cpu, in, units, w.data(), packed.data());
              dense_forward(cpu, batch, in, units, x.data(), packed.data(), bias.data(), Activation::relu, y.data());
              return y;
            }) == y_expected);
    REQUIRE(same_on_any_threads([&](const Cpu& cpu) {
              auto scratch = poison<T>(dense_backward_scratch_size(On<Cpu>{}, in, units)), dx = poison<T>(b * n);
              dense_backward_data(cpu, batch, in, units, dy.data(), w.data(), dx.data(), scratch.data());
              return dx;
            }) == dx_expected);
    REQUIRE(same_on_any_threads([&](const Cpu& cpu) {
              auto scratch = poison<T>(dense_backward_scratch_size(On<Cpu>{}, in, units)), dw = poison<T>(n * m);
              dense_backward_filter(cpu, batch, in, units, x.data(), dy.data(), dw.data(), scratch.data());
              return dw;
            }) == dw_expected);
  }
}
