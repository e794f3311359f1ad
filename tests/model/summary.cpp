// SPDX-License-Identifier: MIT
#include <ferlab/cpu/cpu.hpp>
#include <ferlab/layers/layers.hpp>
#include <ferlab/model/summary.hpp>

#include "support/catch.hpp"

using namespace ferlab;

TEST_CASE("summary prints Keras's table") {
  const Model model{Sequential{Input<8, 8, 1>{}, Conv2D<4, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{}, Dropout{0.5f},
                               Flatten{}, Dense<10>{}, ReLU{}, Dense<3>{}, Softmax{}},
                    Cpu{1}};
  const std::string text = summary(model);
  for (const char* part : {"conv2d ", "(batch, 8, 8, 4)", "batch_norm", "dense_1", "(batch, 3)",
                           "Total parameters: 739", "Trainable: 731", "Not trainable: 8"}) {
    INFO(text << "\nexpected: " << part);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("layer_summaries has what the table shows") {
  const Model model{Sequential{Input<8, 8, 1>{}, Conv2D<4, 3>{}, Flatten{}, Dense<3>{}, Softmax{}}, Cpu{1}};
  const auto layers = layer_summaries(model);
  REQUIRE(layers.size() == 5);
  CHECK(layers[0].name == "input");
  CHECK(layers[1].name == "conv2d");
  CHECK(layers[1].output == Shape{8, 8, 4});
  CHECK(layers[1].parameters == 40);
  CHECK(layers[3].output == Shape{1, 1, 3});
  CHECK(layers[3].parameters == 3 * (256 + 1));
}
