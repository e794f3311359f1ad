// SPDX-License-Identifier: MIT
// A whole program: train a small network on faces that ferlab draws, and see what it learned.
#include <ferlab/datasets/faces.hpp>
#include <ferlab/ferlab.hpp>

#include <iostream>

using namespace ferlab;

int main() {
  const auto faces = datasets::make_faces({.count = 4000});
  const auto [train, validation, test] = faces.split_by_usage();

  const Sequential net{
      Input<48, 48, 1>{},
      Conv2D<16, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{},
      Conv2D<32, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{},
      Conv2D<64, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{},
      Flatten{}, Dropout{0.3f}, Dense<7>{}, Softmax{},
  };
  Model model{net, Cpu{}};
  std::cout << summary(model);

  fit(model, Adam{.learning_rate = 1e-3f}, CategoricalCrossentropy{}, train, validation, {.epochs = 5, .batch_size = 32},
      ModelCheckpoint{"quickstart.safetensors", {.monitor = val_accuracy, .save_best_only = true}});

  const auto [loss, accuracy] = evaluate(model, test);
  std::cout << "faces it never saw: loss " << loss << ", accuracy " << 100 * accuracy << " %\n";
}
