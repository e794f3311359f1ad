// SPDX-License-Identifier: MIT
// A program outside ferlab: trains a little in this translation unit, the rest is in the other.
#include <cstdio>
#include <cstdlib>
#include <ferlab/datasets/faces.hpp>
#include <ferlab/ferlab.hpp>

#include "net.hpp"

int main() {
  using namespace ferlab;
  const data::Dataset faces = datasets::make_faces({.count = 140});
  auto model = make_model();
  const History history =
      fit(model, Adam{}, CategoricalCrossentropy{}, faces, {.epochs = 2, .progress = Progress::none});
  round_trip(model, ".");
  const float sum = sum_of_outputs(model, faces);
  std::printf("ferlab %s: loss %.3f, then %.3f; %zu probabilities add up to %.3f\n", FERLAB_VERSION,
              history.epochs[0].loss, history.epochs[1].loss, faces.size(), double(sum));
  const bool learns = history.epochs[1].loss < history.epochs[0].loss;
  const bool adds_up = sum > 139.9f && sum < 140.1f;
  return learns && adds_up ? EXIT_SUCCESS : EXIT_FAILURE;
}
