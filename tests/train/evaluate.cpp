// SPDX-License-Identifier: MIT
#include <cmath>

#include "support/catch.hpp"
#include "support/small_run.hpp"

using namespace ferlab;

TEST_CASE("evaluate's outputs are predict's, whatever the batches") {
  const auto data = test::bars(37);
  const Model model{test::small_net(), Cpu{2}, {.seed = 3}};
  const auto alone = evaluate(model, data);
  std::vector<float> outputs(3, -1.0f);  // another size, other values
  const auto found = evaluate(model, data, outputs, CategoricalCrossentropy{}, 10);
  CHECK(found.loss == Approx(alone.loss).epsilon(1e-6));
  CHECK(found.of(Accuracy{}) == alone.of(Accuracy{}));
  CHECK(outputs == predict(model, data, 8));
  const ConfusionMatrix matrix = confusion_matrix(std::span<const float>(outputs), data, 3);
  CHECK(matrix.total() == 37);
  CHECK(matrix.accuracy() == found.of(Accuracy{}));
  CHECK(confusion_matrix(model, data).counts == matrix.counts);
}

TEST_CASE("evaluate's loss is the mean of -log p, penalties added") {
  const auto data = test::bars(5);
  const Model model{test::small_net(), Cpu{1}, {.seed = 3}};
  const auto outputs = predict(model, data);
  double expected = 0;
  for (std::size_t i = 0; i < data.size(); ++i) expected -= std::log(double(outputs[i * 3 + data.label(i)])) / 5;
  for (float w : model.weights("conv2d/kernel")) expected += 0.001 * double(w) * double(w);
  CHECK(evaluate(model, data).loss == Approx(expected).epsilon(1e-5));
}
