// SPDX-License-Identifier: MIT
#include "kernels/bias.cuh"

#include "ferlab/cpu/bias.hpp"
#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

TEMPLATE_TEST_CASE("The bias kernels do what the CPU does", "", float, bfloat16) {
  using S = TestType;
  const Cpu cpu(1);
  for (const auto& [rows, channels] :
       {std::pair<std::ptrdiff_t, int>{1, 1}, {5, 7}, {300, 64}, {17, 264}, {1000, 16}}) {
    INFO("rows " << rows << ", channels " << channels);
    const std::size_t n = std::size_t(rows * channels), c = std::size_t(channels);
    const auto x = integers(n, 9, 1), dy = integers(n, 9, 2), bias = integers(c, 5, 3);  // exact in bfloat16 too
    std::vector<float> y(n), masked = dy, db(c), plain(c);
    for (std::size_t i = 0; i < n; ++i) y[i] = std::max(x[i] + bias[i % c], 0.0f);
    bias_backward(cpu, rows, channels, dy.data(), plain.data());
    relu_bias_backward(cpu, rows, channels, y.data(), masked.data(), db.data());

    REQUIRE(on_any_schedule([&] {
              Memory<S> in(x);
              Memory<float> b(bias);
              kernels::bias_relu_forward(stream, rows, channels, in.data(), b.data(), in.data());
              return in.values();
            }) == y);
    REQUIRE(on_any_schedule([&] {
              Memory<S> slope(dy);
              Memory<float> sums(c), scratch(kernels::bias_scratch_size(channels));
              kernels::bias_backward(stream, rows, channels, slope.data(), sums.data(), scratch.data());
              return sums.values();
            }) == plain);
    REQUIRE(on_any_schedule([&] {
              Memory<S> out(y), slope(dy);
              Memory<float> sums(c), scratch(kernels::bias_scratch_size(channels));
              kernels::relu_bias_backward(stream, rows, channels, out.data(), slope.data(), sums.data(),
                                          scratch.data());
              return std::pair(slope.values(), sums.values());
            }) == std::pair(masked, db));
  }
}
