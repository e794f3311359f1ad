// SPDX-License-Identifier: MIT
#include "kernels/softmax_crossentropy.cuh"

#include "ferlab/cpu/crossentropy.hpp"
#include "ferlab/cpu/softmax.hpp"
#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

namespace {

struct Found {
  std::vector<float> probabilities, gradient;
  double loss = 0;
  std::int64_t correct = 0;
  bool operator==(const Found&) const = default;
};

}  // namespace

TEMPLATE_TEST_CASE("The softmax and crossentropy kernels do what the CPU does", "", float, bfloat16) {
  using S = TestType;
  const Cpu cpu(1);
  for (const auto& [rows, classes] : {std::pair<int, int>{1, 2}, {9, 7}, {64, 7}, {3, 33}, {300, 100}}) {
    for (float smoothing : {0.0f, 0.1f}) {
      INFO("rows " << rows << ", classes " << classes << ", smoothing " << smoothing);
      const std::size_t n = std::size_t(rows * classes);
      const auto logits = stored<S>(normals(n, 1, 0, 3));
      const auto labels = op_test::labels(std::size_t(rows), classes, 2);

      Found expected;
      expected.probabilities.resize(n), expected.gradient.resize(n);
      StepMetrics from_cpu;
      softmax_crossentropy(cpu, rows, classes, logits.data(), labels.data(), smoothing, 0.5f,
                           expected.probabilities.data(), expected.gradient.data(), &from_cpu,
                           static_cast<float*>(nullptr));
      expected.loss = from_cpu.loss_sum, expected.correct = from_cpu.correct;

      const Found found = on_any_schedule([&, rows = rows, classes = classes] {
        Memory<S> x(logits), p(n);
        Memory<std::uint8_t> y(labels);
        Memory<float> scratch(kernels::softmax_crossentropy_scratch_size(rows));
        Visible<StepMetrics> metrics({.loss_sum = 10, .correct = 1, .seen = 2});
        kernels::softmax_crossentropy(stream, rows, classes, x.data(), y.data(), smoothing, 0.5f, p.data(), x.data(),
                                      metrics.get(), scratch.data());
        REQUIRE(metrics->seen == 2 + rows);
        return Found{p.values(), x.values(), metrics->loss_sum - 10, metrics->correct - 1};
      });
      REQUIRE(distance(found.probabilities, expected.probabilities) < 1e-6 + rounding<S>);
      REQUIRE(distance(found.gradient, expected.gradient) < 1e-6 + rounding<S>);
      REQUIRE(std::abs(found.loss - expected.loss) < 1e-5 * rows);
      if (sizeof(S) == 4) REQUIRE(found.correct == expected.correct);  // rounded probabilities may tie

      Memory<S> x(logits);
      kernels::softmax(stream, rows, classes, x.data(), x.data());
      REQUIRE(x.values() == found.probabilities);
    }
  }
}

TEMPLATE_TEST_CASE("The kernels of softmax's gradient and of the crossentropy of probabilities do what the CPU does",
                   "", float, bfloat16) {
  using S = TestType;
  const Cpu cpu(1);
  for (const auto& [rows, classes] : {std::pair<int, int>{1, 2}, {9, 7}, {300, 100}})
    for (float smoothing : {0.0f, 0.1f}) {
      INFO("rows " << rows << ", classes " << classes << ", smoothing " << smoothing);
      const std::size_t n = std::size_t(rows * classes);
      auto values = normals(n, 1);
      for (float& value : values) value = value * value;  // rows need not sum to 1
      values[0] = 0;                                      // clipped
      const auto outputs = stored<S>(values), slopes = stored<S>(normals(n, 3));
      const auto labels = op_test::labels(std::size_t(rows), classes, 2);

      Found expected;
      expected.probabilities.resize(n), expected.gradient.resize(n);
      StepMetrics from_cpu;
      categorical_crossentropy(cpu, rows, classes, outputs.data(), labels.data(), smoothing, 0.5f,
                               expected.gradient.data(), &from_cpu, static_cast<float*>(nullptr));
      softmax_backward(cpu, rows, classes, outputs.data(), slopes.data(), expected.probabilities.data());

      const Found found = on_any_schedule([&, rows = rows, classes = classes] {
        Memory<S> x(outputs), gradient(n), dy(slopes);
        Memory<std::uint8_t> y(labels);
        Memory<float> scratch(kernels::softmax_crossentropy_scratch_size(rows));
        Visible<StepMetrics> metrics({.loss_sum = 10, .correct = 1, .seen = 2});
        kernels::categorical_crossentropy(stream, rows, classes, x.data(), y.data(), smoothing, 0.5f, gradient.data(),
                                          metrics.get(), scratch.data());
        kernels::softmax_backward(stream, rows, classes, x.data(), dy.data(), dy.data());
        REQUIRE(metrics->seen == 2 + rows);
        return Found{dy.values(), gradient.values(), metrics->loss_sum - 10, metrics->correct - 1};
      });
      REQUIRE(distance(found.gradient, expected.gradient, largest(expected.gradient)) < 1e-5 + rounding<S>);
      REQUIRE(distance(found.probabilities, expected.probabilities, largest(expected.probabilities)) <
              1e-5 + rounding<S>);
      REQUIRE(std::abs(found.loss - from_cpu.loss_sum) < 1e-5 * rows);
      REQUIRE(found.correct == from_cpu.correct);
    }
}

TEST_CASE("The crossentropy kernel takes the first of equal logits, and passes a NaN on") {
  const std::vector<float> logits{1, 1, 0, std::nanf(""), 0, 1};
  Memory<float> x(logits), scratch(4);
  Memory<std::uint8_t> labels(std::vector<std::uint8_t>{0, 2});
  Visible<StepMetrics> metrics;
  float* const none = nullptr;
  kernels::softmax_crossentropy(stream, 1, 3, x.data(), labels.data(), 0, 1, none, none, metrics.get(), scratch.data());
  REQUIRE(metrics->correct == 1);
  kernels::softmax_crossentropy(stream, 2, 3, x.data(), labels.data(), 0, 1, none, none, metrics.get(), scratch.data());
  REQUIRE(std::isnan(metrics->loss_sum));
}
