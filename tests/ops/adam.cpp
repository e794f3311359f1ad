// SPDX-License-Identifier: MIT
#include "ops/flat_shapes.hpp"
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

ops::Adam adam(auto& m, const ops::Moment& momentum, const ops::Moment& velocity, double weight_decay) {
  return {.momentum = momentum,
          .velocity = velocity,
          .beta_1 = m.setting(0.9),
          .beta_2 = m.setting(0.999),
          .epsilon = m.setting(1e-7),
          .weight_decay = m.setting(weight_decay)};
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("adam's formula over several steps, penalties, decay and clipping in it", "",
                        InFloatAndDouble) {
  using T = typename TestType::Scalar;
  const std::size_t n = flat_size;
  const auto weights = normals<T>(n, 1);
  std::vector<double> p(weights.begin(), weights.end()), mean(n, 0), square(n, 0);
  const double rate = double(0.01f), scale = 0.5, decay = double(0.1f);
  const double beta_1 = double(0.9f), beta_2 = double(0.999f), epsilon = double(1e-7f);
  Operands<TestType> m(1);
  const auto momentum = m.moment(std::vector<T>(n)), velocity = m.moment(std::vector<T>(n));
  const auto op = adam(m, momentum, velocity, decay);
  m.flat(flat_segments, weights, weights);
  for (int t = 1; t <= 3; ++t) {
    const auto g = normals<T>(n, std::uint64_t(10 + t));
    const double step_size = rate * std::sqrt(1 - std::pow(beta_2, t)) / (1 - std::pow(beta_1, t));
    for (std::size_t i = 0; i < n; ++i) {
      const double gradient = (double(g[i]) + 2 * flat_l2(i) * p[i]) * scale;
      mean[i] += (gradient - mean[i]) * (1 - beta_1);
      square[i] += (gradient * gradient - square[i]) * (1 - beta_2);
      p[i] -= rate * decay * p[i] + step_size * mean[i] / (std::sqrt(square[i]) + epsilon);
    }
    m.set_flat_gradients(g);
    m.state = {.step = std::uint64_t(t - 1), .learning_rate = 0.01f, .gradient_scale = scale};
    m.run(ops::AdamStepSize{.beta_1 = op.beta_1, .beta_2 = op.beta_2});
    CHECK(m.state.step_size == Approx(step_size).epsilon(1e-12));
    m.run(op);
  }
  const bool is_float = sizeof(T) == 4;
  CHECK(distance(m.flat_weights(), p) < (is_float ? 4e-6 : 1e-12));
  CHECK(distance(m[momentum], mean) < (is_float ? 1e-6 : 1e-13));
  CHECK(distance(m[velocity], square, 4) < (is_float ? 1e-6 : 1e-13));
}

TEMPLATE_LIST_TEST_CASE("adam's epsilon stands outside of the bias correction: a tiny gradient moves little", "",
                        InFloatAndDouble) {
  // Keras: 1e-3 * sqrt(1e-3) / 0.1 * (0.1 * 1e-8) / (sqrt(1e-3) * 1e-8 + 1e-7) = 3.152e-6; PyTorch's form would
  // give 9.1e-5
  Operands<TestType> m(1);
  m.flat({{0, 1, 0}}, {0}, {1e-8});
  m.state.learning_rate = 1e-3f;
  const auto op = adam(m, m.moment({0}), m.moment({0}), 0);
  m.run(ops::AdamStepSize{.beta_1 = op.beta_1, .beta_2 = op.beta_2});
  m.run(op);
  CHECK(double(m.flat_weights()[0]) == Approx(-3.1523e-6).epsilon(1e-4));
}
