// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

constexpr ops::StepState somewhere{.seed = 1,
                                   .step = 40,
                                   .batch = 2,
                                   .learning_rate = 9,
                                   .step_size = 8,
                                   .gradient_scale = 0.5,
                                   .rank = 3,
                                   .first_sample = 7};

bool same(const ops::StepState& a, const ops::StepState& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

}  // namespace

TEMPLATE_LIST_TEST_CASE("a step begins with its batch's learning rate, its rank's samples, and nothing clipped", "",
                        InFloatAndDouble) {
  Operands<TestType> m(5);
  m.learning_rates = {1, 2, 3, 4};
  m.state = somewhere;
  m.run(ops::BeginStep{});
  ops::StepState expected = somewhere;
  expected.learning_rate = 3, expected.gradient_scale = 1, expected.first_sample = 15;
  CHECK(same(m.state, expected));
}

TEMPLATE_LIST_TEST_CASE("a step whose loss is not finite fails, and is not counted", "", InFloatAndDouble) {
  for (const double loss : {1e300, double(NAN), double(INFINITY)}) {
    INFO("loss " << loss);
    Operands<TestType> m(1);
    m.state = somewhere;
    m.metrics.loss_sum = loss;
    const bool fails = !std::isfinite(loss);
    m.run(ops::CheckLoss{});
    ops::StepState expected = somewhere;
    expected.failed = fails;
    CHECK(same(m.state, expected));
    m.run(ops::EndStep{});
    if (!fails) ++expected.step, ++expected.batch;
    CHECK(same(m.state, expected));
  }
}

TEMPLATE_LIST_TEST_CASE("the gradient that a caller writes is left as it is", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  Operands<TestType> m(2);
  const std::vector<T> gradient{1, 2, 3, 4};
  const auto y = m.value({1, 1, 2}, std::vector<T>(4)), dy = m.value({1, 1, 2}, gradient);
  m.run(ops::SeedGradient{.y = y, .dy = dy});
  CHECK(m[dy] == gradient);
}
