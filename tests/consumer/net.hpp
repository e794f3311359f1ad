// SPDX-License-Identifier: MIT
#pragma once

#include <ferlab/ferlab.hpp>
#include <string>

inline auto make_model() {
  using namespace ferlab;
  return Model{Sequential{Input<48, 48, 1>{}, Conv2D<4, 3, Padding::same, 2>{}, ReLU{}, MaxPool<4>{}, Flatten{},
                          Dense<7>{}, Softmax{}},
               Cpu{},
               {.seed = 1}};
}
float sum_of_outputs(const decltype(make_model())& model, const ferlab::data::Dataset& images);
/// Writes and reads back a model and a data set, in `folder`.
void round_trip(decltype(make_model())& model, const std::string& folder);
