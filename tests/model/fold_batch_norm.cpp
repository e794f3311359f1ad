// SPDX-License-Identifier: MIT
#include <ferlab/ferlab.hpp>

#include <cmath>

#include "support/catch.hpp"

using namespace ferlab;

namespace {

/// Weights as after a training: statistics, gamma and beta all away from what they begin with.
template <class M>
void stir(M& model) {
  const RandomStream random{.seed = 5, .purpose = Purpose::data};
  std::uint64_t k = 0;
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    const std::string name(model.parameters()[i].name.view());
    if (name.find("kernel") != std::string::npos) continue;
    auto values = model.get_weights(i);
    for (float& value : values) value = 0.25f + random.uniform(k++);
    model.set_weights(i, values);
  }
}

template <class Net>
auto compare(const Net& net, float bound) {
  Model model{net, Cpu{1}, ModelOptions{.seed = 2}};
  stir(model);
  model.class_names = {"a", "b", "c"};
  model.preprocessing = data::Preprocessing{"", 0.01f, -1};
  model.notes["net"] = "x";
  auto folded = fold_batch_norm(model);
  CHECK(folded.class_names == model.class_names);
  CHECK(folded.preprocessing == model.preprocessing);
  CHECK(folded.notes == model.notes);
  const RandomStream random{.seed = 6, .purpose = Purpose::data};
  std::vector<std::uint8_t> pixels(4 * Net::input.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = std::uint8_t(random.below(i, 256));
  Workspace a(model, 4), b(folded, 4);
  const auto expected = predict(model, a, pixels, 4), found = predict(folded, b, pixels, 4);
  REQUIRE(found.size() == expected.size());
  float spread = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(std::abs(found[i] - expected[i]) < bound);
    spread = std::max(spread, std::abs(expected[i] - expected[0]));
  }
  CHECK(spread > 100 * bound);
  return folded;
}

}  // namespace

TEST_CASE("folded BatchNorms predict the same, with and without a bias, padding, strides and residuals") {
  const Sequential net{Input<9, 8, 2>{},
                       Conv2D<6, 3>{},
                       BatchNorm{.epsilon = 0.1f},
                       ReLU{},
                       Conv2D<5, 3, Padding::same, 2, Bias::no>{},
                       BatchNorm{},
                       Residual{Conv2D<5, 1>{}, BatchNorm{}, ReLU{}, Projection{Conv2D<5, 3>{}, BatchNorm{}}},
                       Residual{Block{Conv2D<5, 3>{}, BatchNorm{}}},
                       Flatten{},
                       Dense<7, Bias::no>{},
                       BatchNorm{},
                       Dense<3>{}};
  const auto folded = compare(net, 1e-4f);
  using Folded = std::remove_cvref_t<decltype(folded)>;
  for (const ParameterInfo& info : Folded::parameters())
    CHECK(info.name.view().find("batch_norm") == std::string::npos);
  CHECK(Folded::Plan::parameters.frozen_extent == 0);
}

TEST_CASE("a BatchNorm behind anything else stays") {
  const Sequential net{Input<6, 6, 1>{}, BatchNorm{}, Conv2D<4, 3>{}, ReLU{}, BatchNorm{}, Flatten{}, Dense<3>{}};
  const auto folded = compare(net, 1e-6f);
  CHECK(std::is_same_v<std::remove_cvref_t<decltype(folded.net)>, std::remove_cvref_t<decltype(net)>>);
}
