// SPDX-License-Identifier: MIT
// The second translation unit with all of ferlab in it: what is not inline would be defined twice. Calls what a program
// calls, so that the compiler sees the bodies and warns where a user would be warned.
#include <ferlab/datasets/faces.hpp>
#include <ferlab/datasets/fer2013.hpp>
#include <ferlab/ferlab.hpp>
#include <iostream>
#include <numeric>

#include "net.hpp"

float sum_of_outputs(const decltype(make_model())& model, const ferlab::data::Dataset& images) {
  const auto outputs = ferlab::predict(model, images);
  return std::accumulate(outputs.begin(), outputs.end(), 0.0f);
}

void round_trip(decltype(make_model())& model, const std::string& folder) {
  using namespace ferlab;
  save_model(folder + "/model.safetensors", model);
  load_model(folder + "/model.safetensors", model);
  datasets::write_fer2013(folder + "/faces.csv", datasets::make_faces({.count = 20}));
  const auto faces = datasets::read_fer2013(folder + "/faces.csv");
  std::cout << summary(model) << to_string(data::describe(faces));
}
