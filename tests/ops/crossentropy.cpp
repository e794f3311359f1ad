// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

/// The largest batch of which the losses' gradients are the mean.
struct Found {
  double loss = NAN, hits = -1;
  std::vector<double> y, gradient;
};

/// Crossentropy through Softmax (outputs: logits) or of the outputs themselves. parts: into how many the mean's batch
/// is cut, of which this is one.
template <class Host, class T = typename Host::Scalar>
Found loss_of(bool logits, int classes, const std::vector<T>& outputs, const std::vector<std::uint8_t>& label,
              double smoothing, int global_batch = 1) {
  Operands<Host> m(int(label.size()));
  m.global_batch = global_batch;
  m.labels = label;
  const auto x = m.value({1, 1, classes}, outputs), y = m.value({1, 1, classes}), dx = m.value({1, 1, classes});
  const auto setting = m.setting(smoothing);
  if (logits)
    m.run(ops::SoftmaxCrossentropy{
        .logits = x, .y = y, .dlogits = dx, .target = {}, .label_smoothing = setting, .hits = {2}});
  else
    m.run(ops::Crossentropy{.y = x, .dy = dx, .target = {}, .label_smoothing = setting});
  REQUIRE(m.metrics.seen == std::int64_t(label.size()));
  const auto probabilities = m[y], gradient = m[dx];
  return {m.metrics.loss_sum,
          m.metrics.sums[2],
          {probabilities.begin(), probabilities.end()},
          {gradient.begin(), gradient.end()}};
}

/// Central differences of loss(values) with respect to every value.
template <class Loss>
std::vector<double> slopes(std::vector<double> values, const Loss& loss) {
  std::vector<double> all;
  for (double& value : values) {
    const double at = value, step = 1e-6;
    value = at + step;
    const double up = loss(values);
    value = at - step;
    all.push_back((up - loss(values)) / (2 * step));
    value = at;
  }
  return all;
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("crossentropy by its definition", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  const std::size_t classes = 7;
  for (std::size_t rows : {1u, 64u, 5003u})
    for (double smoothing : {0.0, double(0.1f)}) {
      INFO(rows << " rows, label smoothing " << smoothing);
      const auto logits = normals<T>(rows * classes, 1, 0, 1.5);
      const auto label = labels(rows, classes, 2);
      double loss = 0, hits = 0;
      std::vector<double> gradient(logits.size()), to_outputs(logits.size()), p(logits.size());
      for (std::size_t r = 0; r < rows; ++r) {
        double sum = 0;
        std::size_t best = 0;
        for (std::size_t k = 0; k < classes; ++k) {
          sum += std::exp(double(logits[r * classes + k]));
          if (logits[r * classes + k] > logits[r * classes + best]) best = k;
        }
        hits += best == label[r];
        for (std::size_t k = 0; k < classes; ++k) {
          const std::size_t i = r * classes + k;
          const double target = (k == label[r]) * (1 - smoothing) + smoothing / classes;
          p[i] = std::exp(double(logits[i])) / sum;
          loss -= target * (double(logits[i]) - std::log(sum));
          gradient[i] = (p[i] - target) / 4;
          to_outputs[i] = (1 - target / p[i]) / 4;  // the division by the sum, which is 1, counted
        }
      }
      const auto found = loss_of<TestType>(true, classes, logits, label, smoothing, 4);
      CHECK(found.loss == Approx(loss).epsilon(1e-6));
      CHECK(found.hits == hits);
      CHECK(distance(found.y, p) < 1e-6);
      CHECK(distance(found.gradient, gradient) < 1e-6);

      // Of the probabilities; clipping does not bite at this spread.
      const std::vector<T> outputs(p.begin(), p.end());
      const auto other = loss_of<TestType>(false, classes, outputs, label, smoothing, 4);
      CHECK(other.loss == Approx(loss).epsilon(1e-5));
      for (std::size_t i = 0; i < p.size(); ++i)
        REQUIRE(other.gradient[i] == Approx(to_outputs[i]).epsilon(1e-5).margin(1e-5));
    }
}

TEMPLATE_LIST_TEST_CASE("crossentropy's gradients are its slopes", "", InFloatAndDouble) {
  if constexpr (std::is_same_v<typename TestType::Scalar, double>) {
    const int classes = 5;
    const auto logits = normals<double>(4 * classes, 1);
    const auto label = labels(4, classes, 2);
    auto positive = logits;
    for (double& value : positive) value = value * value + 0.01;  // rows need not sum to 1
    for (double smoothing : {0.0, 0.2})
      for (const bool from_logits : {true, false}) {
        const auto& at = from_logits ? logits : positive;
        const auto loss = [&](const auto& x) { return loss_of<TestType>(from_logits, classes, x, label, smoothing); };
        CHECK(distance(loss(at).gradient, slopes(at, [&](const auto& x) { return loss(x).loss; }),
                       from_logits ? 1 : 10) < 1e-7);
      }
  }
}

TEMPLATE_LIST_TEST_CASE("crossentropy of a certain and wrong network is large and finite, its gradient whole", "",
                        InFloat) {
  const auto found = loss_of<TestType>(true, 3, {1000, 0, 0}, {1}, 0);
  CHECK(found.loss == Approx(-std::log(double(std::numeric_limits<float>::min()))));
  CHECK(found.hits == 0);
  CHECK(found.gradient == std::vector<double>{1, -1, 0});
}

TEMPLATE_LIST_TEST_CASE("clipped probabilities cost what Keras says and pass no gradient", "", InFloatAndDouble) {
  // q = (1, 0, 0): the label's is clipped up to 1e-7, the first down to 1 - 1e-7
  const auto found = loss_of<TestType>(false, 3, {4, 0, 0}, {1}, 0);
  CHECK(found.loss == Approx(-std::log(1e-7)));
  CHECK(found.gradient == std::vector<double>{0, 0, 0});
}

TEMPLATE_LIST_TEST_CASE("crossentropy of known numbers", "", InFloatAndDouble) {
  // Keras: CategoricalCrossentropy()([[0, 1, 0]], [[2, 5, 1]]) divides by the sum first: -log(5 / 8).
  CHECK(loss_of<TestType>(false, 3, {2, 5, 1}, {1}, 0).loss == Approx(-std::log(0.625)));
  // With label_smoothing 0.3 the targets are 0.1, 0.8, 0.1.
  const double smooth = -0.1 * std::log(0.25) - 0.8 * std::log(0.625) - 0.1 * std::log(0.125);
  CHECK(loss_of<TestType>(false, 3, {2, 5, 1}, {1}, 0.3).loss == Approx(smooth).epsilon(1e-6));
  // Of equal logits every class has the same part.
  CHECK(loss_of<TestType>(true, 4, {3, 3, 3, 3}, {2}, 0.3).loss == Approx(std::log(4)));
}

TEMPLATE_LIST_TEST_CASE("crossentropy of NaN is NaN, with and without a backward pass", "", InFloat) {
  for (const bool backward : {true, false}) {
    Operands<TestType> m(1);
    m.labels = {2};
    const auto x = m.value({1, 1, 3}, nans(3)), y = m.value({1, 1, 3});
    const auto dx = backward ? m.value({1, 1, 3}) : ops::Value{};
    const auto smoothing = m.setting(0);
    m.run(ops::SoftmaxCrossentropy{.logits = x, .y = y, .dlogits = dx, .target = {}, .label_smoothing = smoothing});
    CHECK(std::isnan(m.metrics.loss_sum));
    m.metrics = {};
    m.run(ops::Crossentropy{.y = x, .dy = dx, .target = {}, .label_smoothing = smoothing});
    CHECK(std::isnan(m.metrics.loss_sum));
    CHECK(m.metrics.sums == std::array<double, ops::max_metrics>{});
  }
}

TEMPLATE_LIST_TEST_CASE("of equal outputs the first counts as the answer, and losses and hits add up", "",
                        InFloatAndDouble) {
  using T = typename TestType::Scalar;
  for (const bool logits : {true, false}) {
    Operands<TestType> m(3);
    m.labels = {0, 1, 0};
    m.metrics = {.loss_sum = 1000, .seen = 20, .sums = {5, 10}};
    const Shape shape{1, 1, 4};
    const auto x = m.value(shape, std::vector<T>(12, T(0.25))), y = m.value(shape);
    const auto smoothing = m.setting(0);
    if (logits)
      m.run(ops::SoftmaxCrossentropy{
          .logits = x, .y = y, .dlogits = {}, .target = {}, .label_smoothing = smoothing, .hits = {1}});
    else
      m.run(ops::Crossentropy{.y = x, .dy = {}, .target = {}, .label_smoothing = smoothing});
    CHECK(m.metrics.sums == std::array<double, ops::max_metrics>{5, logits ? 12. : 10.});
    CHECK(m.metrics.seen == 23);
    CHECK(m.metrics.loss_sum == Approx(1000 + 3 * std::log(4)));
  }
}
