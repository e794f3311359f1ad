// SPDX-License-Identifier: MIT
#include "ferlab/cpu/crossentropy.hpp"

#include "cpu/op_test.hpp"
#include "ferlab/cpu/softmax.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

template <class T>
struct Found {
  double loss = NAN;
  std::int64_t correct = -1;
  std::vector<T> gradient;
  bool operator==(const Found&) const = default;
  void take(const StepMetrics& metrics, std::size_t rows) {
    loss = metrics.loss_sum;
    correct = metrics.correct;
    REQUIRE(metrics.seen == std::int64_t(rows));
  }
};

/// The loss of the logits through softmax, and its gradient with respect to them.
template <class T>
Found<T> fused(const Cpu& cpu, int classes, const std::vector<T>& logits, const std::vector<std::uint8_t>& label,
               T smoothing, T scale = 1) {
  Found<T> found{.gradient = poison<T>(logits.size())};
  auto p = logits;
  StepMetrics metrics;
  softmax_crossentropy(cpu, std::ptrdiff_t(label.size()), classes, logits.data(), label.data(), smoothing, scale,
                       p.data(), found.gradient.data(), &metrics, static_cast<T*>(nullptr));
  found.take(metrics, label.size());
  return found;
}

template <class T>
Found<T> unfused(const Cpu& cpu, int classes, const std::vector<T>& outputs, const std::vector<std::uint8_t>& label,
                 T smoothing, T scale = 1) {
  Found<T> found{.gradient = poison<T>(outputs.size())};
  StepMetrics metrics;
  categorical_crossentropy(cpu, std::ptrdiff_t(label.size()), classes, outputs.data(), label.data(), smoothing, scale,
                           found.gradient.data(), &metrics, static_cast<T*>(nullptr));
  found.take(metrics, label.size());
  return found;
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

TEST_CASE("crossentropy by its definition, on any number of threads") {
  const int classes = 7;
  for (std::size_t rows : {1u, 64u, 5003u}) {
    for (float smoothing : {0.0f, 0.1f}) {
      const auto logits = normals(rows * classes, 1, 0, 1.5);
      const auto label = labels(rows, classes, 2);
      double loss = 0;
      std::int64_t correct = 0;
      std::vector<double> gradient(logits.size());
      for (std::size_t r = 0; r < rows; ++r) {
        double sum = 0;
        std::size_t best = 0;
        for (std::size_t k = 0; k < classes; ++k) {
          sum += std::exp(double(logits[r * classes + k]));
          if (logits[r * classes + k] > logits[r * classes + best]) best = k;
        }
        correct += best == label[r];
        for (std::size_t k = 0; k < classes; ++k) {
          const double target = (k == label[r]) * (1 - double(smoothing)) + double(smoothing) / classes;
          loss -= target * (double(logits[r * classes + k]) - std::log(sum));
          gradient[r * classes + k] = (std::exp(double(logits[r * classes + k])) / sum - target) * 0.25;
        }
      }
      const auto found =
          same_on_any_threads([&](const Cpu& cpu) { return fused(cpu, classes, logits, label, smoothing, 0.25f); });
      CHECK(found.loss == Approx(loss).epsilon(1e-6));
      CHECK(found.correct == correct);
      CHECK(distance(found.gradient, gradient) < 1e-6);

      // The unfused path sees the same probabilities; clipping does not bite at this spread.
      auto p = logits;
      softmax_forward(Cpu(1), std::ptrdiff_t(rows), classes, p.data(), p.data());
      const auto other =
          same_on_any_threads([&](const Cpu& cpu) { return unfused(cpu, classes, p, label, smoothing, 0.25f); });
      CHECK(other.loss == Approx(loss).epsilon(1e-5));
      CHECK(other.correct == correct);
      auto back = poison(p.size());
      softmax_backward(Cpu(1), std::ptrdiff_t(rows), classes, p.data(), other.gradient.data(), back.data());
      CHECK(distance(back, gradient) < 1e-5);
    }
  }
}

TEST_CASE("crossentropy's gradients are its slopes") {
  const int classes = 5;
  const auto logits = normals<double>(4 * classes, 1);
  const auto label = labels(4, classes, 2);
  for (double smoothing : {0.0, 0.2}) {
    CHECK(distance(fused(Cpu(1), classes, logits, label, smoothing).gradient, slopes(logits, [&](const auto& x) {
                     return fused(Cpu(1), classes, x, label, smoothing).loss;
                   })) < 1e-8);
    auto positive = logits;
    for (double& value : positive) value = value * value + 0.01;  // rows need not sum to 1
    CHECK(distance(unfused(Cpu(1), classes, positive, label, smoothing).gradient,
                   slopes(positive, [&](const auto& x) { return unfused(Cpu(1), classes, x, label, smoothing).loss; }),
                   10) < 1e-7);
  }
}

TEST_CASE("crossentropy of a certain and wrong network is large and finite, its gradient whole") {
  const auto found = fused<float>(Cpu(1), 3, {1000, 0, 0}, {1}, 0);
  CHECK(found.loss == Approx(-std::log(double(std::numeric_limits<float>::min()))));
  CHECK(found.correct == 0);
  CHECK(found.gradient == std::vector<float>{1, -1, 0});
}

TEST_CASE("clipped probabilities cost what Keras says and pass no gradient") {
  // q = (1, 0, 0): the label's is clipped up to 1e-7, the first down to 1 - 1e-7
  const auto found = unfused<double>(Cpu(1), 3, {4, 0, 0}, {1}, 0);
  CHECK(found.loss == Approx(-std::log(1e-7)));
  CHECK(found.gradient == std::vector<double>{0, 0, 0});
}

TEST_CASE("crossentropy of NaN is NaN, and it does not touch what it was not asked for") {
  std::vector<float> p{NAN, NAN, NAN};
  const std::uint8_t label = 2;
  float* const nowhere = nullptr;
  StepMetrics fused, unfused;
  softmax_crossentropy<float>(Cpu(1), 1, 3, p.data(), &label, 0, 1, p.data(), nowhere, &fused, nowhere);
  CHECK(std::isnan(fused.loss_sum));
  categorical_crossentropy<float>(Cpu(1), 1, 3, p.data(), &label, 0, 1, nowhere, &unfused, nowhere);
  CHECK(std::isnan(unfused.loss_sum));
}

TEST_CASE("of equal outputs the first counts as the answer, and losses add up") {
  std::vector<float> logits(12, 0.25f);
  const std::vector<std::uint8_t> label{0, 1, 0};
  float* const nowhere = nullptr;
  StepMetrics metrics{1000, 10, 20};
  softmax_crossentropy<float>(Cpu(1), 3, 4, logits.data(), label.data(), 0, 1, logits.data(), nowhere, &metrics,
                              nowhere);
  CHECK(metrics.correct == 12);
  CHECK(metrics.seen == 23);
  CHECK(metrics.loss_sum == Approx(1000 + 3 * std::log(4)));
}
