// SPDX-License-Identifier: MIT
// A loss of class indices behind an image.
// error: ferlab: a loss of class indices takes a flat output; put Flatten or GlobalAveragePool last
// errors: 1
// gcc: loss_fits_output() [with Loss = CategoricalCrossentropy; Shape Output = Shape{4, 4, 2}]
// clang: loss_fits_output<CategoricalCrossentropy
#include "ferlab/cpu/cpu.hpp"
#include "ferlab/layers/layers.hpp"
#include "ferlab/train/fit.hpp"
using namespace ferlab;

void use(const data::Dataset& faces) {
#ifdef MISTAKE
  Model model{Sequential{Input<4, 4, 1>{}, Conv2D<2, 3>{}}, Cpu{}};
#else
  Model model{Sequential{Input<4, 4, 1>{}, Conv2D<2, 3>{}, GlobalAveragePool{}}, Cpu{}};
#endif
  fit(model, Adam{}, CategoricalCrossentropy{}, faces, faces, {.epochs = 1});
}
