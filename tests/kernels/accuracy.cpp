// SPDX-License-Identifier: MIT
#include "kernels/accuracy.cuh"

#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

TEMPLATE_TEST_CASE("Accuracy's kernel counts what the CPU counts", "", float, bfloat16) {
  using S = TestType;
  for (const auto& [rows, classes] : {std::pair{1, 1}, {1, 7}, {9, 7}, {64, 33}, {700, 5}, {300, 100}}) {
    INFO("rows " << rows << ", classes " << classes);
    const auto outputs = integers(std::size_t(rows * classes), 2, 1);  // few distinct: many tie
    const auto labels = fills::labels(std::size_t(rows), std::min(classes, 3), 2);
    OnCpu m(rows);
    m.labels = labels;
    m.metrics.sums = {1, 2};
    m.run(ops::Accuracy{.y = m.value({1, 1, classes}, outputs), .target = {}, .hits = {1}});
    REQUIRE((rows < 64 || m.metrics.sums[1] > 2));

    Memory<S> y(outputs);
    Memory<std::uint8_t> marks(labels);
    REQUIRE(on_any_schedule([&, rows = rows, classes = classes] {
              Visible<ops::StepMetrics> metrics({.loss_sum = 3, .seen = 4, .sums = {1, 2}});
              kernels::run(stream, kernels::Accuracy<S>{.rows = rows,
                                                        .classes = classes,
                                                        .outputs = y.data(),
                                                        .labels = marks.data(),
                                                        .hits = metrics.get()->sums.data() + 1});
              REQUIRE(metrics->loss_sum == 3);
              REQUIRE(metrics->seen == 4);
              return metrics->sums;
            }) == m.metrics.sums);
  }
}

TEST_CASE("Accuracy's kernel takes a NaN for no hit, as the CPU does") {
  const std::vector<float> outputs{1, std::nanf(""), 0, std::nanf(""), 0, 1, 0, 1, std::nanf("")};
  const std::vector<std::uint8_t> labels{0, 2, 1};
  OnCpu m(3);
  m.labels = labels;
  m.run(ops::Accuracy{.y = m.value({1, 1, 3}, outputs), .target = {}, .hits = {0}});
  Memory<float> y(outputs);
  Memory<std::uint8_t> marks(labels);
  Visible<ops::StepMetrics> metrics;
  kernels::run(
      stream,
      kernels::Accuracy<float>{
          .rows = 3, .classes = 3, .outputs = y.data(), .labels = marks.data(), .hits = metrics.get()->sums.data()});
  REQUIRE(metrics->sums[0] == m.metrics.sums[0]);
}

namespace {

struct OtherPolicy : kernels::SoftmaxPolicy {
  static constexpr int threads = 64;
};

}  // namespace

TEST_CASE("Accuracy's kernel counts the same with another policy") {
  constexpr int rows = 333, classes = 40;
  Memory<float> y(normals(rows * classes, 1));
  Memory<std::uint8_t> labels(fills::labels(rows, classes, 2));
  const auto hits = [&](const auto& run) {
    Visible<ops::StepMetrics> metrics;
    run(kernels::Accuracy<float>{.rows = rows,
                                 .classes = classes,
                                 .outputs = y.data(),
                                 .labels = labels.data(),
                                 .hits = metrics.get()->sums.data()});
    return metrics->sums[0];
  };
  const double usual = hits([](const auto& op) { kernels::run(stream, op); });
  REQUIRE(usual > 0);
  REQUIRE(hits([](const auto& op) { kernels::run<OtherPolicy>(stream, op); }) == usual);
}
