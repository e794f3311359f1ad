// SPDX-License-Identifier: MIT
// A program of an ordinary compiler that uses ferlab::cuda: trains where there is a device, says clearly what is missing
// elsewhere.
#include <ferlab/cuda.hpp>

#include <cstring>
#include <iostream>

int main() {
  using namespace ferlab;
  const auto data = data::Dataset::from_memory({4, 4, 1}, std::vector<std::uint8_t>(64, 9), {0, 1, 0, 1}, {"a", "b"});
  const Sequential net{Input<4, 4, 1>{}, Conv2D<8, 3>{}, ReLU{}, BatchNorm{}, Flatten{}, Dense<2>{}, Softmax{}};
  try {
    Model model{net, Cuda{}};
    const History history = fit(model, Adam{}, CategoricalCrossentropy{}, data, {.epochs = 2});
    std::cout << "trained, loss " << history.epochs.back().loss << "\n";
  } catch (const BackendError& error) {
    std::cout << error.what() << "\n";
    return std::strstr(error.what(), "device") || std::strstr(error.what(), "driver") ? 0 : 1;
  }
}
