// SPDX-License-Identifier: MIT
// Residual and Block: gradients where a value is read twice, so that the plan's lifetimes and additions are proven.
#include "support/gradient_check.hpp"

using namespace ferlab;
using test::check_gradients;
using test::Shift;

TEST_CASE("Residual: gradients") {
  check_gradients(Sequential{Input<4, 4, 3>{}, Shift{}, Residual{Conv2D<3, 3>{}}});
  check_gradients(Sequential{Input<4, 4, 3>{}, Shift{}, Residual{Conv2D<3, 3>{}, ReLU{}, BatchNorm{}}, ReLU{}});
  check_gradients(Sequential{Input<4, 4, 2>{}, Residual{Conv2D<2, 3>{}, ReLU{}}, Flatten{},
                             Dense<3>{}});  // the input itself is the shortcut
  check_gradients(Sequential{Input<4, 4, 3>{}, Shift{}, Residual{Dropout{0.3f}}});
  check_gradients(Sequential{Input<1, 1, 6>{}, Shift{}, Residual{Flatten{}, Dense<6>{}}});
}

TEST_CASE("Residual with a Projection: gradients") {
  check_gradients(Sequential{
      Input<6, 6, 2>{}, Shift{},
      Residual{Conv2D<5, 3, Padding::same, 2>{}, BatchNorm{}, Projection{Conv2D<5, 1, Padding::same, 2>{}}}, ReLU{}});
  check_gradients(Sequential{Input<6, 6, 2>{}, Shift{}, ReLU{},
                             Residual{Conv2D<4, 3>{}, ReLU{}, Projection{Conv2D<4, 1>{}, BatchNorm{}}},
                             GlobalAveragePool{}});
}

TEST_CASE("nested Residuals and Blocks: gradients, fused and unfused") {
  const Block block{Conv2D<4, 3>{}, ReLU{}, BatchNorm{}};
  Sequential net{Input<6, 6, 2>{},           Conv2D<4, 3>{}, Residual{block, Residual{block, Conv2D<4, 1>{}}, ReLU{}},
                 Block{MaxPool<2>{}, block}, Flatten{},      Dense<3>{}};
  check_gradients(net);
  check_gradients(net, 2, Unfused{Cpu{}});
}

TEST_CASE("a Residual adds its input to its body") {
  Sequential net{Input<1, 1, 2>{}, Residual{Dense<2>{}}};
  Model model{net, Cpu{1}};
  auto kernel = model.weights("dense/kernel");
  const float values[] = {1, 2, 3, 4};
  std::copy(values, values + 4, kernel.begin());
  model.weights_changed();
  using M = decltype(model);
  detail::Execution<M, detail::Prediction<decltype(net)>> prediction;
  prediction.tune(net);
  auto work = detail::WorkMemory<M>::for_programs<decltype(prediction)::Program>(1);
  const auto memory = prediction.memory(model, work, 1);
  prediction.input()[0] = 10, prediction.input()[1] = 1;
  prediction.prepare(model, work, memory);
  prediction.run(model, ops::Section::forward, memory);
  const float* y = prediction.output();
  CHECK(y[0] == 10 + 10 * 1 + 1 * 3);
  CHECK(y[1] == 1 + 10 * 2 + 1 * 4);
}

TEST_CASE("for_each_layer comes to all layers in order, those in composites too") {
  Sequential net{Input<4, 4, 2>{}, Dropout{0.1f}, Residual{Block{Dropout{0.2f}, ReLU{}}, Dropout{0.3f}}, Dropout{0.4f}};
  std::vector<float> rates;
  net.for_each_layer([&](auto& layer) {
    if constexpr (requires { layer.rate; }) {
      rates.push_back(layer.rate);
      layer.rate = 0;
    }
  });
  CHECK(rates == std::vector<float>{0.1f, 0.2f, 0.3f, 0.4f});
  net.for_each_layer([](auto& layer) {
    if constexpr (requires { layer.rate; }) CHECK(layer.rate == 0);
  });
}
