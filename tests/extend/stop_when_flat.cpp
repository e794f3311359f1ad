// SPDX-License-Identifier: MIT
#include "examples/extend/stop_when_flat.hpp"

#include "support/catch.hpp"
#include "support/small_run.hpp"

using namespace ferlab;

TEST_CASE("a user's callback sees the gradients and stops the training") {
  const auto pixels = data::Dataset::from_memory({1, 1, 2}, {1, 0, 0, 1}, {0, 1}, {"a", "b"});
  Model model{Sequential{Input<1, 1, 2>{}, Dense<2, Bias::no>{}, Softmax{}}, Cpu{1}};
  model.preprocessing = {};
  model.set_weights("dense/kernel", std::vector<float>{0, 0, 0, 0});
  mine::StopWhenFlat flat{.tolerance = 0.1, .norms = {}};
  const auto history = fit(model, SGD{.learning_rate = 1}, CategoricalCrossentropy{}, pixels,
                           {.epochs = 100, .batch_size = 2, .progress = Progress::none}, flat);
  CHECK(flat.norms.size() == history.epochs.size());
  CHECK(flat.norms[0] == 0.5);  // four gradients of (1/2 - 1) / 2 or 1/2 / 2
  CHECK(history.epochs.size() < 100);
  CHECK(flat.norms.back() < 0.1);
  CHECK(flat.norms[flat.norms.size() - 2] >= 0.1);
}
