// SPDX-License-Identifier: MIT
#include "ferlab/cpu/sgd.hpp"

#include "cpu/op_test.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

template <class T>
struct State {
  std::vector<T> p, velocity;
  bool operator==(const State&) const = default;
};

}  // namespace

TEMPLATE_TEST_CASE("sgd's formula, several steps, on any number of threads", "", float, double) {
  const std::size_t n = 70003;
  const auto p = normals<TestType>(n, 1), g = normals<TestType>(n, 2);
  for (const auto& [momentum, nesterov] : {std::pair{0.0, false}, {0.9, false}, {0.9, true}}) {
    INFO(momentum << " " << nesterov);
    const SgdStep<TestType> step{.learning_rate = TestType(0.01),
                                 .momentum = TestType(momentum),
                                 .nesterov = nesterov,
                                 .l2 = TestType(0.02),
                                 .decay = TestType(0.001),
                                 .gradient_scale = TestType(0.5)};
    State<double> expected{{p.begin(), p.end()}, std::vector<double>(n, 0)};
    for (int t = 0; t < 3; ++t)
      for (std::size_t i = 0; i < n; ++i) {
        const double move = 0.01 * (double(g[i]) + 2 * 0.02 * expected.p[i]) * 0.5;
        expected.p[i] -= 0.001 * expected.p[i];
        expected.velocity[i] = momentum * expected.velocity[i] - move;
        expected.p[i] += nesterov ? momentum * expected.velocity[i] - move : expected.velocity[i];
      }
    const auto s = same_on_any_threads([&](const Cpu& cpu) {
      State<TestType> state{p, std::vector<TestType>(n, 0)};
      for (int t = 0; t < 3; ++t)
        sgd_step(cpu, std::ptrdiff_t(n), state.p.data(), g.data(), momentum == 0 ? nullptr : state.velocity.data(),
                 step);
      return state;
    });
    CHECK(distance(s.p, expected.p) < (sizeof(TestType) == 4 ? 2e-6 : 1e-14));
    if (momentum != 0) CHECK(distance(s.velocity, expected.velocity) < (sizeof(TestType) == 4 ? 1e-6 : 1e-14));
  }
}
