// SPDX-License-Identifier: MIT
// A loss that takes a number for each output cannot train on the CUDA backend yet, and says so in one line.
// error: ferlab: this backend cannot yet bring targets of this kind into its memory; class indices it can
// gcc: BatchSource<Cuda<>, OutputVector>
// clang: BatchSource<Cuda<>, OutputVector>
#include "ferlab/cuda.hpp"
using namespace ferlab;

struct Distance : CategoricalCrossentropy {
#ifdef MISTAKE
  using Target = OutputVector;
#endif
};

inline const Sequential net{Input<4, 4, 1>{}, Flatten{}, Dense<3>{}, Softmax{}};

double loss(const data::Dataset& data) {
  const Model model{net, Cuda{}};
  return evaluate(model, data, Distance{}, 64, Metrics{}).loss;
}
