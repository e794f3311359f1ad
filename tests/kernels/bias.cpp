// SPDX-License-Identifier: MIT
#include "kernels/bias.cuh"

#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

TEMPLATE_TEST_CASE("The bias kernels do what the CPU does", "", float, bfloat16) {
  using S = TestType;
  for (const auto& [rows, channels] :
       {std::pair<std::ptrdiff_t, int>{1, 1}, {5, 7}, {300, 64}, {17, 264}, {1000, 16}, {1200, 136}}) {
    INFO("rows " << rows << ", channels " << channels);
    const std::size_t n = std::size_t(rows * channels), c = std::size_t(channels);
    const auto x = integers(n, 9, 1), dy = integers(n, 9, 2), bias = integers(c, 5, 3);  // exact in bfloat16 too
    std::vector<float> y(n), sum(n);
    for (std::size_t i = 0; i < n; ++i) sum[i] = x[i] + bias[i % c], y[i] = std::max(sum[i], 0.0f);
    const Shape shape{1, 1, channels};
    OnCpu m{int(rows)};
    const auto on_y = m.value(shape, y), on_dy = m.value(shape, dy), on_dx = m.value(shape);
    const auto on_plain = m.gradient(c), on_db = m.gradient(c);
    m.run(ops::BiasBackward{.dy = on_dy, .dbias = on_plain});
    m.run(ops::ReLUBiasBackward{.y = on_y, .dy = on_dy, .dx = on_dx, .dbias = on_db});
    const auto plain = m[on_plain], masked = m[on_dx], db = m[on_db];

    for (const ops::Activation activation : {ops::Activation::none, ops::Activation::relu})
      REQUIRE(on_any_schedule([&, rows = rows, channels = channels] {
                Memory<S> in(x), b(bias);
                kernels::run(stream, kernels::BiasAdd<S>{.rows = rows,
                                                         .channels = channels,
                                                         .x = in.data(),
                                                         .bias = b.data(),
                                                         .activation = activation,
                                                         .y = in.data()});
                return in.values();
              }) == (activation == ops::Activation::none ? sum : y));
    REQUIRE(on_any_schedule([&] {
              Memory<S> slope(dy);
              Memory<float> sums(c), scratch(kernels::bias_scratch_size(channels));
              kernels::run(stream, kernels::BiasBackward<S, float>{.rows = rows,
                                                                   .channels = channels,
                                                                   .dy = slope.data(),
                                                                   .dbias = sums.data(),
                                                                   .scratch = scratch.data()});
              return sums.values();
            }) == plain);
    REQUIRE(on_any_schedule([&] {
              Memory<S> out(y), slope(dy);
              Memory<float> sums(c), scratch(kernels::bias_scratch_size(channels));
              kernels::run(stream, kernels::ReLUBiasBackward<S, float>{.rows = rows,
                                                                       .channels = channels,
                                                                       .y = out.data(),
                                                                       .dy = slope.data(),
                                                                       .dx = slope.data(),
                                                                       .dbias = sums.data(),
                                                                       .scratch = scratch.data()});
              return std::pair(slope.values(), sums.values());
            }) == std::pair(masked, db));

    Memory<S> slope(dy), out(y), dx(n), rounded(c);
    Memory<float> scratch(kernels::bias_scratch_size(channels));
    kernels::run(stream, kernels::BiasBackward<S>{.rows = rows,
                                                  .channels = channels,
                                                  .dy = slope.data(),
                                                  .dbias = rounded.data(),
                                                  .scratch = scratch.data()});
    REQUIRE(rounded.values() == stored<S>(plain));
    kernels::run(stream, kernels::ReLUBiasBackward<S>{.rows = rows,
                                                      .channels = channels,
                                                      .y = out.data(),
                                                      .dy = slope.data(),
                                                      .dx = dx.data(),
                                                      .dbias = rounded.data(),
                                                      .scratch = scratch.data()});
    REQUIRE(dx.values() == masked);
    REQUIRE(rounded.values() == stored<S>(db));
  }
}
