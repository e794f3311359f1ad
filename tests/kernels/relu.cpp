// SPDX-License-Identifier: MIT
#include "kernels/relu.cuh"

#include "kernels/kernel_test.hpp"

using namespace kernel_test;
using ferlab::kernels::ReLU, ferlab::kernels::ReLUBackward;

TEMPLATE_TEST_CASE("ReLU's kernels do what the CPU does", "", float, bfloat16) {
  using S = TestType;
  for (std::size_t n : {0, 1, 7, 8, 255, 2049, 5000}) {
    INFO("n = " << n);
    const auto x = stored<S>(normals(n, 1)), dy = stored<S>(normals(n, 2));
    const ferlab::Shape shape{1, 1, int(n)};
    OnCpu m(1);
    const auto on_x = m.value(shape, x), on_y = m.value(shape), on_dy = m.value(shape, dy), on_dx = m.value(shape);
    m.run(ferlab::ops::ReLU{.x = on_x, .y = on_y});
    m.run(ferlab::ops::ReLUBackward{.y = on_y, .dy = on_dy, .dx = on_dx});
    const auto y = m[on_y], dx = m[on_dx];

    REQUIRE(on_any_schedule([&] {
              Memory<S> in(x), out(n);
              run(stream, ReLU<S>{.count = std::ptrdiff_t(n), .x = in.data(), .y = out.data()});
              return out.values();
            }) == y);
    REQUIRE(on_any_schedule([&] {
              Memory<S> out(y), slope(dy), result(n);
              run(stream, ReLUBackward<S>{
                              .count = std::ptrdiff_t(n), .y = out.data(), .dy = slope.data(), .dx = result.data()});
              return result.values();
            }) == dx);
  }
}

TEST_CASE("ReLU's kernel lets a NaN through and works in place") {
  Memory<float> x(std::vector<float>{-1, std::nanf(""), 2});
  run(stream, ReLU<float>{.count = 3, .x = x.data(), .y = x.data()});
  REQUIRE(x.values()[0] == 0);
  REQUIRE(std::isnan(x.values()[1]));
  REQUIRE(x.values()[2] == 2);
}
