// SPDX-License-Identifier: MIT
// A callback is changed by its hooks.
// error: ferlab: a callback must not be const: its hooks change it
// gcc: Stops
// clang: Stops
#include <ferlab/ferlab.hpp>

struct Stops {
  void on_epoch_end(auto& t) const { t.stop = true; }
};

#ifdef MISTAKE
const
#endif
    Stops stops;

void train(const ferlab::data::Dataset& faces) {
  using namespace ferlab;
  Model model{Sequential{Input<8, 8, 1>{}, Flatten{}, Dense<7>{}, Softmax{}}, Cpu{}};
  fit(model, SGD{}, CategoricalCrossentropy{}, faces, FitOptions{}, stops);
}
