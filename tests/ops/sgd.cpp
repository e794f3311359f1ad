// SPDX-License-Identifier: MIT
#include "ops/flat_shapes.hpp"
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("sgd's formula over several steps, penalties, decay and clipping in it", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  const std::size_t n = flat_size;
  const auto weights = normals<T>(n, 1), g = normals<T>(n, 2);
  const double rate = double(0.01f), scale = 0.5, decay = double(0.1f);
  for (const auto& [momentum, nesterov] : {std::pair{0.0f, false}, {0.9f, false}, {0.9f, true}}) {
    INFO(momentum << " " << nesterov);
    std::vector<double> p(weights.begin(), weights.end()), speed(n, 0);
    for (int t = 0; t < 3; ++t)
      for (std::size_t i = 0; i < n; ++i) {
        const double move = rate * (double(g[i]) + 2 * flat_l2(i) * p[i]) * scale;
        p[i] -= rate * decay * p[i];
        speed[i] = double(momentum) * speed[i] - move;
        p[i] += nesterov ? double(momentum) * speed[i] - move : speed[i];
      }
    Operands<TestType> m(1);
    const auto velocity = m.moment(std::vector<T>(n, momentum == 0 ? T(7) : T(0)));
    m.flat(flat_segments, weights, g);
    m.state = {.learning_rate = 0.01f, .gradient_scale = scale};
    const ops::SGD op{.velocity = velocity,
                      .momentum = m.setting(double(momentum)),
                      .nesterov = m.setting(nesterov),
                      .weight_decay = m.setting(decay)};
    for (int t = 0; t < 3; ++t) m.run(op);
    CHECK(distance(m.flat_weights(), p) < (sizeof(T) == 4 ? 2e-6 : 1e-13));
    if (momentum != 0)
      CHECK(distance(m[velocity], speed) < (sizeof(T) == 4 ? 1e-6 : 1e-13));
    else
      CHECK(m[velocity] == std::vector<T>(n, T(7)));
  }
}
