// SPDX-License-Identifier: MIT
#include "ferlab/cpu/penalties.hpp"

#include "cpu/op_test.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

/// Two runs with a penalty, one without between them.
const std::vector<Segment> segments{{0, 1000, 0.01f}, {1000, 70000, 0}, {71000, 64, 0.5f}};
constexpr std::size_t size = 71064;

float l2_of(std::size_t i) { return i < 1000 ? 0.01f : i < 71000 ? 0 : 0.5f; }

}  // namespace

TEMPLATE_TEST_CASE("the penalty counts for every sample", "", float, double) {
  const auto w = normals<TestType>(size, 1);
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += double(l2_of(i)) * double(w[i]) * double(w[i]);
  const double found = same_on_any_threads([&](const Cpu& cpu) {
    StepMetrics metrics{.loss_sum = 7};
    add_penalty<TestType>(cpu, segments, w.data(), 12, &metrics, nullptr);
    return metrics.loss_sum;
  });
  CHECK(found == Approx(7 + 12 * sum));
}

TEMPLATE_TEST_CASE("clipping looks at gradients with the penalty's part in them", "", float, double) {
  const auto w = normals<TestType>(size, 1), g = normals<TestType>(size, 2);
  double squares = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double whole = double(g[i]) + 2 * double(l2_of(i)) * double(w[i]);
    squares += whole * whole;
  }
  std::vector<TestType> weights = w;
  const FlatWeights<TestType, TestType> flat{
      .segments = segments, .size = size, .weights = weights.data(), .gradients = g.data()};
  StepState state;
  clip_by_global_norm(Cpu(2), flat, float(2 * std::sqrt(squares)), &state, nullptr);
  CHECK(state.gradient_scale == 1);
  clip_by_global_norm(Cpu(2), flat, 0.5f, &state, nullptr);
  CHECK(state.gradient_scale == Approx(0.5 / std::sqrt(squares)));
}
