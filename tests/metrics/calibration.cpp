// SPDX-License-Identifier: MIT
#include <ferlab/ferlab.hpp>

#include <limits>

#include "support/catch.hpp"

using namespace ferlab;

namespace {

/// Of two classes; the probability is that of class 0.
Calibration of_two(const std::vector<double>& first, const std::vector<std::uint8_t>& labels, int bins = 10) {
  std::vector<double> outputs;
  for (const double p : first) outputs.insert(outputs.end(), {p, 1 - p});
  return calibration(std::span<const double>(outputs), std::span<const std::uint8_t>(labels), 2, bins);
}

}  // namespace

// Worked by hand from equation 3: bins 0.5..0.6, 0.7..0.8 and 0.9..1.
TEST_CASE("the expected calibration error is that of Guo et al.") {
  const Calibration c = of_two({0.95, 0.99, 0.97, 0.25, 0.75, 0.55}, {0, 0, 1, 1, 1, 0});
  CHECK(c.bins.size() == 10);
  CHECK(c.bins[9].count == 3);
  CHECK(c.bins[9].confidence == Approx(0.97));
  CHECK(c.bins[9].accuracy == Approx(2 / 3.0));
  CHECK(c.bins[7].count == 2);  // 0.25 is 0.75 of the other class
  CHECK(c.bins[7].confidence == Approx(0.75));
  CHECK(c.bins[7].accuracy == Approx(0.5));
  CHECK(c.bins[5].count == 1);
  CHECK(c.bins[5].accuracy == 1);
  CHECK(c.expected_error() == Approx((3 * (0.97 - 2 / 3.0) + 2 * 0.25 + 0.45) / 6));
}

TEST_CASE("a bin holds its upper end, not its lower one") {
  const Calibration c = of_two({0.5, 0.75, 1.0}, {0, 0, 0}, 4);
  CHECK(c.bins[0].count == 0);
  CHECK(c.bins[1].count == 1);
  CHECK(c.bins[2].count == 1);
  CHECK(c.bins[3].count == 1);
  const std::vector<float> nothing{0, 0};
  const std::vector<std::uint8_t> label{0};
  CHECK(calibration(std::span<const float>(nothing), std::span<const std::uint8_t>(label), 2).bins[0].count == 1);
}

TEST_CASE("a model that is as right as it says has no calibration error, one that boasts has all of it") {
  CHECK(of_two({0.8, 0.8, 0.8, 0.8, 0.8}, {0, 0, 0, 0, 1}).expected_error() == Approx(0).margin(1e-12));
  CHECK(of_two({1, 1, 1}, {1, 1, 1}).expected_error() == 1);
  CHECK(of_two({}, {}).expected_error() == 0);
}

TEST_CASE("calibration names what does not fit") {
  CHECK_THROWS_WITH(of_two({0.5}, {0, 1}), Catch::Contains("expected 2 samples"));
  CHECK_THROWS_WITH(of_two({0.5}, {2}), Catch::Contains("has label 2, expected 0 to 1"));
  CHECK_THROWS_WITH(of_two({1.5}, {0}), Catch::Contains("expected a probability from 0 to 1"));
  CHECK_THROWS_AS(of_two({std::numeric_limits<double>::quiet_NaN()}, {0}), ArgumentError);
  CHECK_THROWS_AS(of_two({0.5}, {0}, 0), ArgumentError);
}
