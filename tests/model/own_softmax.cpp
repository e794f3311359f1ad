// SPDX-License-Identifier: MIT
// Nothing is recognised by the text of its name: a user's layer called "softmax" is the user's.
#include <cmath>

#include "ferlab/cpu/cpu.hpp"
#include "ferlab/data/dataset.hpp"
#include "ferlab/layers/layers.hpp"
#include "ferlab/train/evaluate.hpp"
#include "support/catch.hpp"

using namespace ferlab;

namespace {

/// Not a softmax, whatever it is called.
struct Rectifier : ReLU {
  static constexpr const char* name = "softmax";
};

data::Dataset noise(int images) {
  std::vector<std::uint8_t> pixels, labels;
  for (int i = 0; i < images * 36; ++i) pixels.push_back(std::uint8_t(RandomStream{.seed = 5}.word(std::uint64_t(i))));
  for (int i = 0; i < images; ++i) labels.push_back(std::uint8_t(i % 3));
  return data::Dataset::from_memory({6, 6, 1}, pixels, labels, {"a", "b", "c"});
}

/// As keras.losses.CategoricalCrossentropy of outputs that need not sum to 1.
double crossentropy(std::span<const float> outputs, const data::Dataset& data) {
  double loss = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto row = outputs.subspan(3 * i, 3);
    const double q = double(row[data.label(i)]) / (double(row[0]) + double(row[1]) + double(row[2]));
    loss -= std::log(std::min(std::max(q, 1e-7), 1 - 1e-7));
  }
  return loss / double(data.size());
}

}  // namespace

TEST_CASE("A layer called softmax that is none is scored as it predicts") {
  const auto data = noise(20);
  Sequential net{Input<6, 6, 1>{}, Flatten{}, Dense<3>{.bias_initializer = Initializer::ones}, Rectifier{}};
  const Model model{net, Cpu{1}, {.seed = 3}};
  std::vector<float> outputs;
  const auto score = evaluate(model, data, outputs);
  CHECK(score.loss == Approx(crossentropy(outputs, data)).epsilon(1e-5));
  CHECK(predict(model, data) == outputs);

  Sequential ours{Input<6, 6, 1>{}, Flatten{}, Dense<3>{.bias_initializer = Initializer::ones}, Softmax{}};
  const Model other{ours, Cpu{1}, {.seed = 3}};
  const auto ours_score = evaluate(other, data, outputs);
  CHECK(ours_score.loss == Approx(crossentropy(outputs, data)).epsilon(1e-5));
  CHECK(ours_score.loss != Approx(score.loss).epsilon(1e-3));
}
