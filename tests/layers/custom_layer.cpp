// SPDX-License-Identifier: MIT
// The layer of docs/add-a-layer.md, from outside the library: checked, trained, saved and loaded like ferlab's own.
#include "../../examples/custom_layer.hpp"

#include "support/gradient_check.hpp"
#include "support/small_run.hpp"

using namespace ferlab;

TEST_CASE("a user's layer and op: gradients") {
  test::check_gradients(Sequential{Input<5, 4, 3>{}, test::Shift{}, mine::LeakyReLU{}});
  test::check_gradients(Sequential{Input<5, 4, 3>{}, Conv2D<4, 3>{}, mine::LeakyReLU{.negative_slope = 0.1f},
                                   BatchNorm{}, Flatten{}, Dense<2>{}});
}

TEST_CASE("a user's layer trains among the others") {
  Model model{
      Sequential{Input<12, 12, 1>{}, Conv2D<8, 3>{}, mine::LeakyReLU{}, MaxPool<2>{}, Flatten{}, Dense<3>{}, Softmax{}},
      Cpu{2}};
  const auto history = fit(model, Adam{.learning_rate = 3e-3f}, CategoricalCrossentropy{}, test::bars(120),
                           {.epochs = 8, .batch_size = 16, .progress = Progress::none});
  CHECK(history.epochs.back().accuracy > 0.9);
  CHECK(summary(model).find("leaky_relu") != std::string::npos);
}
