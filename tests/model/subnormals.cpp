// SPDX-License-Identifier: MIT
// Weights that have decayed below the least normal number do not slow a network down: they are 0.
#include <ferlab/ferlab.hpp>

#include <algorithm>
#include <thread>

#include "support/catch.hpp"

using namespace ferlab;

namespace {

constexpr float subnormal = 1e-39f;

/// As the machine computes.
float times_one(float x) {
  volatile float factor = 1;
  return x * factor;
}

template <class Backend>
std::vector<float> outputs(const Backend& backend) {
  Model model{Sequential{Input<32, 32, 1>{}, Conv2D<16, 3>{}, Flatten{}, Dense<3>{}}, backend};
  for (const auto& [name, value] : {std::pair{"conv2d/kernel", subnormal}, {"dense/kernel", 1e30f}}) {
    std::vector<float> weights = model.get_weights(name);
    std::ranges::fill(weights, value);
    model.set_weights(name, weights);
  }
  Workspace workspace(model, 8);
  const std::vector<std::uint8_t> white(std::size_t(8) * 32 * 32, 255);
  const auto found = predict(model, workspace, white, 8);
  return {found.begin(), found.end()};
}

}  // namespace

TEST_CASE("Inside of ops subnormal numbers are 0, on any number of threads; outside they are what they were") {
  REQUIRE(times_one(subnormal) != 0);
  for (const int threads : {1, 4}) {
    INFO(threads << " threads");
    for (const float output : outputs(Cpu{threads})) CHECK(output == 0);
    CHECK(times_one(subnormal) != 0);
  }
}
