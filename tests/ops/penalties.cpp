// SPDX-License-Identifier: MIT
#include "ops/flat_shapes.hpp"
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("the penalty counts for every sample", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  const auto w = normals<T>(flat_size, 1);
  double sum = 0;
  for (std::size_t i = 0; i < flat_size; ++i) sum += flat_l2(i) * double(w[i]) * double(w[i]);
  Operands<TestType> m(5);
  m.flat(flat_segments, w, nans<T>(flat_size));
  m.penalty_samples = 12;
  m.metrics.loss_sum = 7;
  m.run(ops::AddPenalties{});
  CHECK(m.metrics.loss_sum == Approx(7 + 12 * sum));
  CHECK(m.metrics.seen == 0);
}

TEMPLATE_LIST_TEST_CASE("clipping looks at gradients with the penalty's part in them", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  const auto w = normals<T>(flat_size, 1), g = normals<T>(flat_size, 2);
  double squares = 0;
  for (std::size_t i = 0; i < flat_size; ++i) squares += std::pow(double(g[i]) + 2 * flat_l2(i) * double(w[i]), 2);
  const auto scale = [&](double clipnorm) {
    Operands<TestType> m(1);
    m.flat(flat_segments, w, g);
    m.run(ops::ClipByGlobalNorm{.clipnorm = m.setting(clipnorm)});
    return m.state.gradient_scale;
  };
  CHECK(scale(2 * std::sqrt(squares)) == 1);
  CHECK(scale(0) == 1);
  CHECK(scale(0.5) == Approx(0.5 / std::sqrt(squares)));
}
