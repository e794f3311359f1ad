// SPDX-License-Identifier: MIT
#include "kernels/softmax_crossentropy.cuh"

#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

namespace {

struct Found {
  std::vector<float> probabilities, gradient;
  double loss = 0;
  double hits = 0;
  bool operator==(const Found&) const = default;
};

}  // namespace

TEMPLATE_TEST_CASE("The softmax and crossentropy kernels do what the CPU does", "", float, bfloat16) {
  using S = TestType;
  for (const auto& [rows, classes] : {std::pair<int, int>{1, 2}, {9, 7}, {64, 7}, {3, 33}, {300, 100}}) {
    for (float smoothing : {0.0f, 0.1f}) {
      INFO("rows " << rows << ", classes " << classes << ", smoothing " << smoothing);
      const std::size_t n = std::size_t(rows * classes);
      const auto logits = stored<S>(normals(n, 1, 0, 3));
      const auto labels = fills::labels(std::size_t(rows), classes, 2);

      OnCpu m(rows);
      m.labels = labels, m.global_batch = 2;
      const Shape shape{1, 1, classes};
      const auto on_logits = m.value(shape, logits), on_p = m.value(shape), on_gradient = m.value(shape);
      m.run(ops::SoftmaxCrossentropy{.logits = on_logits,
                                     .y = on_p,
                                     .dlogits = on_gradient,
                                     .target = {},
                                     .label_smoothing = m.setting(double(smoothing)),
                                     .hits = {0}});
      const Found expected{m[on_p], m[on_gradient], m.metrics.loss_sum, m.metrics.sums[0]};

      const Found found = on_any_schedule([&, rows = rows, classes = classes] {
        Memory<S> x(logits), p(n);
        Memory<std::uint8_t> y(labels);
        Memory<float> scratch(kernels::softmax_crossentropy_scratch_size(rows));
        Visible<ops::StepMetrics> metrics({.loss_sum = 10, .seen = 2, .sums = {1}});
        kernels::run(stream, kernels::SoftmaxCrossentropy<S>{.rows = rows,
                                                             .classes = classes,
                                                             .logits = x.data(),
                                                             .labels = y.data(),
                                                             .label_smoothing = smoothing,
                                                             .gradient_scale = 0.5f,
                                                             .probabilities = p.data(),
                                                             .gradient = x.data(),
                                                             .metrics = metrics.get(),
                                                             .hits = metrics.get()->sums.data(),
                                                             .scratch = scratch.data()});
        REQUIRE(metrics->seen == 2 + rows);
        return Found{p.values(), x.values(), metrics->loss_sum - 10, metrics->sums[0] - 1};
      });
      REQUIRE(distance(found.probabilities, expected.probabilities) < 1e-6 + rounding<S>);
      REQUIRE(distance(found.gradient, expected.gradient) < 1e-6 + rounding<S>);
      REQUIRE(std::abs(found.loss - expected.loss) < 1e-5 * rows);
      if (sizeof(S) == 4) REQUIRE(found.hits == expected.hits);  // rounded probabilities may tie

      Memory<S> x(logits);
      kernels::run(stream, kernels::Softmax<S>{.rows = rows, .classes = classes, .x = x.data(), .y = x.data()});
      REQUIRE(x.values() == found.probabilities);
    }
  }
}

TEMPLATE_TEST_CASE("The kernels of softmax's gradient and of the crossentropy of probabilities do what the CPU does",
                   "", float, bfloat16) {
  using S = TestType;
  for (const auto& [rows, classes] : {std::pair<int, int>{1, 2}, {9, 7}, {300, 100}})
    for (float smoothing : {0.0f, 0.1f}) {
      INFO("rows " << rows << ", classes " << classes << ", smoothing " << smoothing);
      const std::size_t n = std::size_t(rows * classes);
      auto values = normals(n, 1);
      for (float& value : values) value = value * value;  // rows need not sum to 1
      values[0] = 0;                                      // clipped
      const auto outputs = stored<S>(values), slopes = stored<S>(normals(n, 3));
      const auto labels = fills::labels(std::size_t(rows), classes, 2);

      OnCpu m(rows);
      m.labels = labels, m.global_batch = 2;
      const Shape shape{1, 1, classes};
      const auto on_outputs = m.value(shape, outputs), on_slopes = m.value(shape, slopes), on_dx = m.value(shape),
                 on_gradient = m.value(shape);
      m.run(ops::Crossentropy{
          .y = on_outputs, .dy = on_gradient, .target = {}, .label_smoothing = m.setting(double(smoothing))});
      m.run(ops::SoftmaxBackward{.y = on_outputs, .dy = on_slopes, .dx = on_dx});
      const Found expected{m[on_dx], m[on_gradient], m.metrics.loss_sum, m.metrics.sums[0]};

      const Found found = on_any_schedule([&, rows = rows, classes = classes] {
        Memory<S> x(outputs), gradient(n), dy(slopes);
        Memory<std::uint8_t> y(labels);
        Memory<float> scratch(kernels::softmax_crossentropy_scratch_size(rows));
        Visible<ops::StepMetrics> metrics({.loss_sum = 10, .seen = 2, .sums = {1}});
        kernels::run(stream, kernels::Crossentropy<S>{.rows = rows,
                                                      .classes = classes,
                                                      .outputs = x.data(),
                                                      .labels = y.data(),
                                                      .label_smoothing = smoothing,
                                                      .gradient_scale = 0.5f,
                                                      .gradient = gradient.data(),
                                                      .metrics = metrics.get(),
                                                      .scratch = scratch.data()});
        kernels::run(stream, kernels::SoftmaxBackward<S>{
                                 .rows = rows, .classes = classes, .y = x.data(), .dy = dy.data(), .dx = dy.data()});
        REQUIRE(metrics->seen == 2 + rows);
        return Found{dy.values(), gradient.values(), metrics->loss_sum - 10, metrics->sums[0] - 1};
      });
      REQUIRE(distance(found.gradient, expected.gradient, largest(expected.gradient)) < 1e-5 + rounding<S>);
      REQUIRE(distance(found.probabilities, expected.probabilities, largest(expected.probabilities)) <
              1e-5 + rounding<S>);
      REQUIRE(std::abs(found.loss - expected.loss) < 1e-5 * rows);
      REQUIRE(found.hits == 0);
    }
}

TEST_CASE("The crossentropy kernel takes the first of equal logits, counts hits if asked, and hands a NaN on") {
  const std::vector<float> logits{1, 1, 0, std::nanf(""), 0, 1};
  Memory<float> x(logits), scratch(4);
  Memory<std::uint8_t> labels(std::vector<std::uint8_t>{0, 2});
  Visible<ops::StepMetrics> metrics({.sums = {0, 5}});
  kernels::SoftmaxCrossentropy<float> op{.rows = 1,
                                         .classes = 3,
                                         .logits = x.data(),
                                         .labels = labels.data(),
                                         .metrics = metrics.get(),
                                         .hits = metrics.get()->sums.data() + 1,
                                         .scratch = scratch.data()};
  kernels::run(stream, op);
  REQUIRE(metrics->sums[1] == 6);
  op.hits = nullptr;
  kernels::run(stream, op);
  REQUIRE(metrics->sums[1] == 6);
  REQUIRE(metrics->sums[0] == 0);
  REQUIRE(metrics->seen == 2);
  op.rows = 2;
  kernels::run(stream, op);
  REQUIRE(std::isnan(metrics->loss_sum));
}

namespace {

struct OtherPolicy : kernels::SoftmaxPolicy {
  static constexpr int threads = 64, rows_per_block = 3;
};

}  // namespace

TEST_CASE("The losses' kernels find the same with another policy") {
  constexpr int rows = 100, classes = 7;
  const auto logits = normals(rows * classes, 1), positive = [&] {
    auto squares = logits;
    for (float& value : squares) value *= value;
    return squares;
  }();
  const auto labels = op_test::labels(rows, classes, 2);
  const auto found = [&](const auto& run) {
    Memory<float> x(logits), p(positive), gradient(logits.size()), other(logits.size()), scratch(2 * rows);
    Memory<std::uint8_t> y(labels);
    Visible<ops::StepMetrics> metrics;
    run(kernels::SoftmaxCrossentropy<float>{.rows = rows,
                                            .classes = classes,
                                            .logits = x.data(),
                                            .labels = y.data(),
                                            .gradient = gradient.data(),
                                            .metrics = metrics.get(),
                                            .hits = metrics.get()->sums.data(),
                                            .scratch = scratch.data()});
    run(kernels::Crossentropy<float>{.rows = rows,
                                     .classes = classes,
                                     .outputs = p.data(),
                                     .labels = y.data(),
                                     .gradient = other.data(),
                                     .metrics = metrics.get(),
                                     .scratch = scratch.data()});
    REQUIRE(metrics->seen == 2 * rows);
    return Found{gradient.values(), other.values(), double(float(metrics->loss_sum)), metrics->sums[0]};
  };
  REQUIRE(found([](const auto& op) { kernels::run<OtherPolicy>(stream, op); }) ==
          found([](const auto& op) { kernels::run(stream, op); }));
}
