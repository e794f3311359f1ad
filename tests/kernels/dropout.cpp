// SPDX-License-Identifier: MIT
#include "kernels/dropout.cuh"

#include "ferlab/cpu/dropout.hpp"
#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

TEMPLATE_TEST_CASE("Dropout's kernel keeps what the CPU keeps", "", float, bfloat16) {
  using S = TestType;
  Visible<StepState> state({.seed = 7, .step = (1ull << 40) + 3});
  for (const auto& [n, rate] : {std::pair<int, float>{1, 0.5f}, {5, 0.4f}, {4099, 0.5f}, {3000, 0}, {2048, 0.99f}}) {
    INFO("n " << n << ", rate " << rate);
    const auto x = stored<S>(normals(std::size_t(n), 1));
    std::vector<float> y(x.size());
    dropout_forward(Cpu(1), 1, n, rate, {state->seed, 4, Purpose::dropout, state->step}, x.data(), y.data());
    REQUIRE(on_any_schedule([&, n = n, rate = rate] {
              Memory<S> out(x);
              kernels::dropout(stream, n, rate, {state.get(), 4}, out.data(), out.data());
              return out.values();
            }) == stored<S>(y));
  }
}
