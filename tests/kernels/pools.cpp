// SPDX-License-Identifier: MIT
#include "cpu/pool_shapes.hpp"
#include "ferlab/cpu/average_pool.hpp"
#include "ferlab/cpu/max_pool.hpp"
#include "kernels/average_pool.cuh"
#include "kernels/kernel_test.hpp"
#include "kernels/max_pool.cuh"

using namespace ferlab;
using namespace kernel_test;
using namespace op_test;

TEMPLATE_TEST_CASE("The pooling kernels do what the CPU does", "", float, bfloat16) {
  using S = TestType;
  const Cpu cpu(1);
  for (const Pool2DGeometry& g : pool_shapes) {
    INFO(text(g));
    const std::size_t in = input_size(g), out = output_size(g);
    const auto x = integers(in, 9, 1), dy = integers(out, 9, 2);  // ties, and sums that are exact
    std::vector<float> y(out), dx(in), average(out), average_dx(in);
    std::vector<std::uint8_t> argmax(out);
    max_pool_forward(cpu, g, x.data(), y.data(), argmax.data());
    max_pool_backward(cpu, g, dy.data(), argmax.data(), dx.data());
    average_pool_forward(cpu, g, x.data(), average.data());
    average_pool_backward(cpu, g, dy.data(), average_dx.data());

    Memory<S> image(x), slope(dy), result(out), result_dx(in);
    Memory<std::uint8_t> where(out);
    REQUIRE(on_any_schedule([&] {
              kernels::max_pool_forward(stream, g, image.data(), result.data(), where.data());
              return std::pair(result.values(), where.values());
            }) == std::pair(y, std::vector<float>(argmax.begin(), argmax.end())));
    REQUIRE(on_any_schedule([&] {
              kernels::max_pool_backward(stream, g, slope.data(), where.data(), result_dx.data());
              return result_dx.values();
            }) == dx);
    kernels::max_pool_forward(stream, g, image.data(), result.data(), static_cast<std::uint8_t*>(nullptr));
    REQUIRE(result.values() == y);
    kernels::average_pool_forward(stream, g, image.data(), result.data());
    REQUIRE(distance(result.values(), average, 9) <= rounding<S>);
    kernels::average_pool_backward(stream, g, slope.data(), result_dx.data());
    REQUIRE(distance(result_dx.values(), average_dx, 9) <= 4 * rounding<S>);
  }
}

TEST_CASE("The max-pooling kernel lets a NaN win") {
  const Pool2DGeometry g{1, 2, 2, 1, 1, 1, 2, 2, 0, 0};
  for (std::size_t at = 0; at < 4; ++at) {
    std::vector<float> x{1, 2, 3, 4};
    x[at] = std::nanf("");
    Memory<float> in(x), y(1);
    Memory<std::uint8_t> where(1);
    kernels::max_pool_forward(stream, g, in.data(), y.data(), where.data());
    REQUIRE(std::isnan(y.values()[0]));
    REQUIRE(where.values()[0] == float(at));
  }
}
