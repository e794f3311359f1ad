// SPDX-License-Identifier: MIT
#include "kernels/average_pool.cuh"
#include "kernels/kernel_test.hpp"
#include "kernels/max_pool.cuh"
#include "ops/pool_shapes.hpp"

using namespace ferlab;
using namespace kernel_test;
using namespace op_test;
using namespace fills;

TEMPLATE_TEST_CASE("The pooling kernels do what the CPU does", "", float, bfloat16) {
  using S = TestType;
  for (const ops::Pool2DGeometry& g : pool_shapes) {
    INFO(text(g));
    const std::size_t in = input_size(g), out = output_size(g);
    const auto x = integers(in, 9, 1), dy = integers(out, 9, 2);  // ties, and sums that are exact
    OnCpu m(g.batch);
    const auto on_x = m.value(input_shape(g), x), on_dy = m.value(output_shape(g), dy);
    const auto on_y = m.value(output_shape(g)), on_dx = m.value(input_shape(g)), on_average = m.value(output_shape(g)),
               on_average_dx = m.value(input_shape(g));
    const auto on_argmax = m.bytes(output_shape(g).size());
    const ops::Pool2DGeometry any = of_any_batch(g);
    m.run(ops::MaxPool{.geometry = any, .x = on_x, .y = on_y, .argmax = on_argmax});
    m.run(ops::MaxPoolBackward{.geometry = any, .dy = on_dy, .argmax = on_argmax, .dx = on_dx});
    m.run(ops::AveragePool{.geometry = any, .x = on_x, .y = on_average});
    m.run(ops::AveragePoolBackward{.geometry = any, .dy = on_dy, .dx = on_average_dx});
    const auto y = m[on_y], dx = m[on_dx], average = m[on_average], average_dx = m[on_average_dx];
    const auto argmax = m[on_argmax];

    Memory<S> image(x), slope(dy), result(out), result_dx(in);
    Memory<std::uint8_t> where(out);
    REQUIRE(on_any_schedule([&] {
              kernels::run(stream, kernels::MaxPool<S>{
                                       .geometry = g, .x = image.data(), .y = result.data(), .argmax = where.data()});
              return std::pair(result.values(), where.values());
            }) == std::pair(y, std::vector<float>(argmax.begin(), argmax.end())));
    REQUIRE(on_any_schedule([&] {
              kernels::run(stream,
                           kernels::MaxPoolBackward<S>{
                               .geometry = g, .dy = slope.data(), .argmax = where.data(), .dx = result_dx.data()});
              return result_dx.values();
            }) == dx);
    kernels::run(stream, kernels::MaxPool<S>{.geometry = g, .x = image.data(), .y = result.data()});
    REQUIRE(result.values() == y);
    kernels::run(stream, kernels::AveragePool<S>{.geometry = g, .x = image.data(), .y = result.data()});
    REQUIRE(distance(result.values(), average, 9) <= rounding<S>);
    kernels::run(stream, kernels::AveragePoolBackward<S>{.geometry = g, .dy = slope.data(), .dx = result_dx.data()});
    REQUIRE(distance(result_dx.values(), average_dx, 9) <= 4 * rounding<S>);
  }
}

TEST_CASE("The max-pooling kernel lets a NaN win") {
  const ops::Pool2DGeometry g{1, 2, 2, 1, 1, 1, 2, 2, 0, 0};
  for (std::size_t at = 0; at < 4; ++at) {
    std::vector<float> x{1, 2, 3, 4};
    x[at] = std::nanf("");
    Memory<float> in(x), y(1);
    Memory<std::uint8_t> where(1);
    kernels::run(stream, kernels::MaxPool<float>{.geometry = g, .x = in.data(), .y = y.data(), .argmax = where.data()});
    REQUIRE(std::isnan(y.values()[0]));
    REQUIRE(where.values()[0] == float(at));
  }
}
