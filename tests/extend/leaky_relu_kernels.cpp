// SPDX-License-Identifier: MIT
// The kernels of a user's layer, by the emulator, against its ops on the CPU.
#include "examples/extend/leaky_relu.cuh"

#include "examples/extend/leaky_relu.hpp"
#include "support/catch.hpp"

#include "kernels/kernel_test.hpp"

using namespace kernel_test;

TEMPLATE_TEST_CASE("a user's kernels do what their CPU op does", "", float, bfloat16) {
  using S = TestType;
  const ferlab::Cpu cpu(1);
  const float slope = 0.25f;
  for (std::size_t n : {0, 1, 7, 8, 255, 2049, 5000}) {
    INFO("n = " << n);
    auto x = stored<S>(normals(n, 1)), dy = stored<S>(normals(n, 2));
    std::vector<float> y(n), dx(n);
    const std::vector<float> settings{slope};
    std::vector<void*> at{x.data(), y.data(), dy.data(), dx.data()};
    const ferlab::Shape shape{1, 1, int(n)};
    const ferlab::ops::Memory<float> memory(1, at, settings);
    run(cpu, mine::LeakyReLUForward{.x = {0, shape}, .y = {1, shape}, .slope = {0}}, memory);
    {
      const auto kept = stored<S>(y);
      std::copy(kept.begin(), kept.end(), y.begin());
    }  // y stays where it is
    run(cpu, mine::LeakyReLUBackward{.y = {1, shape}, .dy = {2, shape}, .dx = {3, shape}, .slope = {0}}, memory);

    REQUIRE(on_any_schedule([&] {
              Memory<S> in(x), out(n);
              run(stream, mine::kernels::LeakyReLU<S>{
                              .count = std::ptrdiff_t(n), .slope = slope, .x = in.data(), .y = out.data()});
              return out.values();
            }) == y);
    REQUIRE(on_any_schedule([&] {
              Memory<S> out(y), gradient(dy);  // in place
              run(stream, mine::kernels::LeakyReLUBackward<S>{.count = std::ptrdiff_t(n),
                                                              .slope = slope,
                                                              .y = out.data(),
                                                              .dy = gradient.data(),
                                                              .dx = gradient.data()});
              return gradient.values();
            }) == stored<S>(dx));
  }
}
