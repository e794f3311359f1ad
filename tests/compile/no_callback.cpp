// SPDX-License-Identifier: MIT
// What fit is given as a callback has a hook.
// error: ferlab: after Metrics{...} fit takes callbacks, with at least one hook each: on_epoch_end(t), ...
// gcc: Stops
// clang: Stops
#include <ferlab/ferlab.hpp>

struct Stops {
#ifdef MISTAKE
  void on_epoch_ends(auto& t) { t.stop = true; }
#else
  void on_epoch_end(auto& t) { t.stop = true; }
#endif
};

void train(const ferlab::data::Dataset& faces) {
  using namespace ferlab;
  Model model{Sequential{Input<8, 8, 1>{}, Flatten{}, Dense<7>{}, Softmax{}}, Cpu{}};
  fit(model, SGD{}, CategoricalCrossentropy{}, faces, FitOptions{}, Stops{});
}
