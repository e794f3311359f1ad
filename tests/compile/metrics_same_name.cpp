// SPDX-License-Identifier: MIT
// Metrics are told apart by their names.
// error: ferlab: two metrics have the same name; logs and files could not tell them apart
// gcc: Accuracy
// clang: Accuracy
#include <ferlab/ferlab.hpp>

struct Other : ferlab::Accuracy {
#ifndef MISTAKE
  static constexpr const char* name = "other";
#endif
};

void train(const ferlab::data::Dataset& faces) {
  using namespace ferlab;
  Model model{Sequential{Input<8, 8, 1>{}, Flatten{}, Dense<7>{}, Softmax{}}, Cpu{}};
  fit(model, SGD{}, CategoricalCrossentropy{}, faces, data::Dataset{}, FitOptions{}, Metrics{Accuracy{}, Other{}});
}
