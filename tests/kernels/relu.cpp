// SPDX-License-Identifier: MIT
#include "kernels/relu.cuh"

#include "ferlab/cpu/relu.hpp"
#include "kernels/kernel_test.hpp"

using namespace kernel_test;

TEMPLATE_TEST_CASE("ReLU's kernels do what the CPU does", "", float, bfloat16) {
  using S = TestType;
  const ferlab::Cpu cpu(1);
  for (std::size_t n : {0, 1, 7, 8, 255, 2049, 5000}) {
    INFO("n = " << n);
    const auto x = stored<S>(normals(n, 1)), dy = stored<S>(normals(n, 2));
    std::vector<float> y(n), dx(n);
    ferlab::relu_forward(cpu, std::ptrdiff_t(n), x.data(), y.data());
    ferlab::relu_backward(cpu, std::ptrdiff_t(n), y.data(), dy.data(), dx.data());

    REQUIRE(on_any_schedule([&] {
              Memory<S> in(x), out(n);
              ferlab::kernels::relu_forward(stream, std::ptrdiff_t(n), in.data(), out.data());
              return out.values();
            }) == y);
    REQUIRE(on_any_schedule([&] {
              Memory<S> out(y), slope(dy), result(n);
              ferlab::kernels::relu_backward(stream, std::ptrdiff_t(n), out.data(), slope.data(), result.data());
              return result.values();
            }) == dx);
  }
}

TEST_CASE("ReLU's kernel lets a NaN through and works in place") {
  Memory<float> x(std::vector<float>{-1, std::nanf(""), 2});
  ferlab::kernels::relu_forward(stream, 3, x.data(), x.data());
  REQUIRE(x.values()[0] == 0);
  REQUIRE(std::isnan(x.values()[1]));
  REQUIRE(x.values()[2] == 2);
}
