// SPDX-License-Identifier: MIT
#include "ferlab/cpu/adam.hpp"

#include "cpu/op_test.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

template <class T>
struct State {
  std::vector<T> p, m, v;
  bool operator==(const State&) const = default;
};

double step_size(double rate, int t) { return rate * std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t)); }

}  // namespace

TEMPLATE_TEST_CASE("adam's formula, several steps, on any number of threads", "", float, double) {
  const std::size_t n = 70003;
  const auto p = normals<TestType>(n, 1);
  State<double> expected{{p.begin(), p.end()}, std::vector<double>(n, 0), std::vector<double>(n, 0)};
  const double l2 = 0.01, decay = 0.001, gradient_scale = 0.5;
  const auto gradients = [](int t) { return normals<TestType>(70003, std::uint64_t(10 + t)); };
  for (int t = 1; t <= 3; ++t) {
    const auto g = gradients(t);
    for (std::size_t i = 0; i < n; ++i) {
      const double gradient = (double(g[i]) + 2 * l2 * expected.p[i]) * gradient_scale;
      expected.m[i] += (gradient - expected.m[i]) * (1 - 0.9);
      expected.v[i] += (gradient * gradient - expected.v[i]) * (1 - 0.999);
      expected.p[i] -= decay * expected.p[i];
      expected.p[i] -= step_size(0.01, t) * expected.m[i] / (std::sqrt(expected.v[i]) + 1e-7);
    }
  }
  const auto s = same_on_any_threads([&](const Cpu& cpu) {
    State<TestType> state{p, std::vector<TestType>(n, 0), std::vector<TestType>(n, 0)};
    for (int t = 1; t <= 3; ++t)
      adam_step(cpu, std::ptrdiff_t(n), state.p.data(), gradients(t).data(), state.m.data(), state.v.data(),
                {.step_size = TestType(step_size(0.01, t)),
                 .beta_1 = TestType(0.9),
                 .beta_2 = TestType(0.999),
                 .epsilon = TestType(1e-7),
                 .l2 = TestType(l2),
                 .decay = TestType(decay),
                 .gradient_scale = TestType(gradient_scale)});
    return state;
  });
  const bool is_float = sizeof(TestType) == 4;
  CHECK(distance(s.p, expected.p) < (is_float ? 4e-6 : 1e-13));
  CHECK(distance(s.m, expected.m) < (is_float ? 1e-6 : 1e-14));
  CHECK(distance(s.v, expected.v) < (is_float ? 1e-6 : 1e-14));
}

TEST_CASE("adam's epsilon stands outside of the bias correction: a tiny gradient moves little") {
  // Keras: 1e-3 * sqrt(1e-3) / 0.1 * (0.1 * 1e-8) / (sqrt(1e-3) * 1e-8 + 1e-7) = 3.152e-6; PyTorch's form would
  // give 9.1e-5
  std::vector<double> p{0}, g{1e-8}, m{0}, v{0};
  adam_step(Cpu(1), 1, p.data(), g.data(), m.data(), v.data(),
            {.step_size = step_size(1e-3, 1), .beta_1 = 0.9, .beta_2 = 0.999, .epsilon = 1e-7});
  CHECK(p[0] == Approx(-3.1523e-6).epsilon(1e-4));
}
