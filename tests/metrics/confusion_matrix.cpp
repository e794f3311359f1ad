// SPDX-License-Identifier: MIT
#include <ferlab/ferlab.hpp>

#include "support/catch.hpp"

using namespace ferlab;

// Expected numbers: scikit-learn's classification_report (zero_division=0) of the same labels.
TEST_CASE("ConfusionMatrix agrees with scikit-learn") {
  const std::vector<std::uint8_t> truth{0, 0, 0, 1, 1, 2, 2, 2, 2, 3};
  const std::vector<int> predicted{0, 0, 1, 1, 2, 2, 2, 0, 2, 0};
  std::vector<float> outputs(truth.size() * 5, 0.0f);
  for (std::size_t i = 0; i < truth.size(); ++i) outputs[i * 5 + std::size_t(predicted[i])] = 1;
  const auto m = confusion_matrix(std::span<const float>(outputs), truth, 5);
  CHECK(m.total() == 10);
  CHECK(m.at(2, 0) == 1);
  CHECK(m.accuracy() == Approx(0.6));
  CHECK(m.precision(0) == Approx(0.5));
  CHECK(m.recall(0) == Approx(2 / 3.0));
  CHECK(m.f1(0) == Approx(0.5714285714));
  CHECK(m.precision(2) == Approx(0.75));
  CHECK(m.recall(2) == Approx(0.75));
  CHECK(m.precision(3) == 0);
  CHECK(m.recall(3) == 0);
  CHECK(m.macro_f1() == Approx((0.5714285714 + 0.5 + 0.75 + 0) / 4));  // class 4 never occurs
  const std::vector<std::string> names{"zero", "one", "two", "three", "four"};
  CHECK(to_string(m, names).find("three") != std::string::npos);
}

TEST_CASE("an empty ConfusionMatrix divides nothing by nothing") {
  const ConfusionMatrix m(3);
  CHECK(m.accuracy() == 0);
  CHECK(m.macro_f1() == 0);
}

TEST_CASE("A confusion matrix names what does not fit") {
  const std::vector<float> outputs{0, 1, 1, 0};
  const auto matrix = [&](std::vector<std::uint8_t> labels, int classes) {
    return confusion_matrix(std::span<const float>(outputs), std::span<const std::uint8_t>(labels), classes);
  };
  CHECK(matrix({1, 0}, 2).accuracy() == 1);
  CHECK_THROWS_AS(matrix({1}, 2), ArgumentError);
  CHECK_THROWS_AS(matrix({1, 2}, 2), ArgumentError);
  CHECK_THROWS_AS(matrix({1, data::no_label}, 2), ArgumentError);
}
