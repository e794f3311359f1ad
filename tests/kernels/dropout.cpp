// SPDX-License-Identifier: MIT
#include "kernels/dropout.cuh"

#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

TEMPLATE_TEST_CASE("Dropout's kernel keeps what the CPU keeps", "", float, bfloat16) {
  using S = TestType;
  Visible<ops::StepState> state({.seed = 7, .step = (1ull << 40) + 3});
  for (const auto& [n, rate] : {std::pair<int, float>{1, 0.5f}, {5, 0.4f}, {4099, 0.5f}, {3000, 0}, {2048, 0.99f}}) {
    INFO("n " << n << ", rate " << rate);
    const auto x = stored<S>(normals(std::size_t(n), 1));
    OnCpu m(1);
    m.state = {.seed = state->seed, .step = state->step};
    const auto on_x = m.value({1, 1, n}, x), on_y = m.value({1, 1, n});
    m.run(ops::Dropout{.x = on_x, .y = on_y, .rate = m.setting(double(rate)), .layer = 4});
    const auto y = m[on_y];
    REQUIRE(on_any_schedule([&, n = n, rate = rate] {
              Memory<S> out(x);
              kernels::run(stream, kernels::Dropout<S>{.count = n,
                                                       .features = n,
                                                       .rate = rate,
                                                       .random = {state.get(), 4},
                                                       .x = out.data(),
                                                       .y = out.data()});
              return out.values();
            }) == stored<S>(y));
  }
}

TEMPLATE_TEST_CASE("A part of a batch that knows its first sample drops what the whole batch drops", "", float,
                   bfloat16) {
  using S = TestType;
  for (const std::ptrdiff_t features : {1, 3, 6, 8, 64, 333})
    for (const std::ptrdiff_t samples : {2, 6, 7, 13}) {
      INFO("features " << features << ", samples " << samples);
      const std::vector<float> ones(std::size_t(samples * features), 1);
      const auto dropped = [&](std::ptrdiff_t first, std::ptrdiff_t count) {
        Visible<ops::StepState> state({.seed = 7, .step = 3, .first_sample = std::uint64_t(first)});
        Memory<S> x(std::vector<float>(ones.begin(), ones.begin() + count * features)), y(x.size());
        kernels::run(stream, kernels::Dropout<S>{.count = count * features,
                                                 .features = features,
                                                 .rate = 0.4f,
                                                 .random = {state.get(), 4},
                                                 .x = x.data(),
                                                 .y = y.data()});
        return y.values();
      };
      const std::vector<float> whole = dropped(0, samples);
      for (const std::ptrdiff_t first : {samples / 2, std::ptrdiff_t(1)}) {
        std::vector<float> parts = dropped(0, first);
        const std::vector<float> rest = dropped(first, samples - first);
        parts.insert(parts.end(), rest.begin(), rest.end());
        REQUIRE(parts == whole);
      }
    }
}
