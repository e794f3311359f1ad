// SPDX-License-Identifier: MIT
#include "examples/extend/leaky_relu.hpp"

#include "support/gradient_check.hpp"
#include "support/small_run.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;

namespace {
auto net(float slope) {
  return Sequential{Input<12, 12, 1>{}, Conv2D<8, 3>{}, mine::LeakyReLU{.negative_slope = slope},
                    MaxPool<2>{},       Flatten{},      Dense<3>{},
                    Softmax{}};
}
}  // namespace

TEST_CASE("a user's layer: values and gradients") {
  Model model{Sequential{Input<1, 1, 3>{}, mine::LeakyReLU{.negative_slope = 0.5f}}, Cpu{1}};
  model.preprocessing = {.scale = 1, .offset = -2};
  Workspace workspace(model, 1);
  const auto y = predict(model, workspace, std::vector<std::uint8_t>{0, 2, 5});
  CHECK(std::vector<float>(y.begin(), y.end()) == std::vector<float>{-1, 0, 3});

  test::check_gradients(Sequential{Input<5, 4, 3>{}, test::Shift{}, mine::LeakyReLU{}});
  test::check_gradients(Sequential{Input<5, 4, 3>{}, Conv2D<4, 3>{}, mine::LeakyReLU{.negative_slope = 0.1f},
                                   BatchNorm{}, Flatten{}, Dense<2>{}});
}

TEST_CASE("a user's layer in a Residual, fused and unfused") {
  const Sequential residual{Input<5, 4, 3>{},
                            test::Shift{},
                            mine::LeakyReLU{},
                            Residual{mine::LeakyReLU{}, Conv2D<3, 3>{}},
                            Residual{Conv2D<3, 3>{}, ReLU{}, BatchNorm{}, mine::LeakyReLU{}},
                            mine::LeakyReLU{}};
  test::check_gradients(residual);
  test::check_gradients(residual, 3, Unfused{Cpu{}});
}

TEST_CASE("a user's layer trains among the others") {
  Model model{net(0.3f), Cpu{2}};
  const auto history = fit(model, Adam{.learning_rate = 3e-3f}, CategoricalCrossentropy{}, test::bars(120),
                           {.epochs = 8, .batch_size = 16, .progress = Progress::none});
  CHECK(history.epochs.back().metrics[0] > 0.9);
  CHECK(summary(model).find("leaky_relu") != std::string::npos);

  const test::TemporaryFolder folder;
  save_model(folder / "model.safetensors", model);
  Model loaded{net(0.3f), Cpu{1}, {.seed = 9}};
  load_model(folder / "model.safetensors", loaded);
  CHECK(test::bits(loaded) == test::bits(model));
  Model steeper{net(0.5f), Cpu{1}};  // the file's probe gives other outputs
  CHECK_THROWS_AS(load_model(folder / "model.safetensors", steeper), FormatError);

  Model alone{net(0.3f), Cpu{1}};
  fit(alone, Adam{.learning_rate = 3e-3f}, CategoricalCrossentropy{}, test::bars(120),
      {.epochs = 8, .batch_size = 16, .progress = Progress::none});
  CHECK(test::bits(model) == test::bits(alone));
}
