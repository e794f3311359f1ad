// SPDX-License-Identifier: MIT
// A small program that uses an installed ferlab, threads included.
#include <cstdio>
#include <cstdlib>
#include <ferlab/ferlab.hpp>

int main() {
  using namespace ferlab;
  const Model model{Sequential{Input<2, 2, 1>{}, Flatten{}, Dense<2>{}, Softmax{}}, Cpu{2}};
  const auto images = data::Dataset::from_memory({2, 2, 1}, {1, 2, 3, 4}, {0}, {"a", "b"});
  const auto outputs = predict(model, images);
  const float sum = outputs[0] + outputs[1];
  std::printf("ferlab %s: two probabilities add up to %.3f\n", FERLAB_VERSION, double(sum));
  return sum > 0.999f && sum < 1.001f ? EXIT_SUCCESS : EXIT_FAILURE;
}
