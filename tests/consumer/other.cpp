// SPDX-License-Identifier: MIT
// The second translation unit with all of ferlab in it: what is not inline would be defined twice.
#include <ferlab/ferlab.hpp>
#include <numeric>

#include "net.hpp"

float sum_of_outputs(const decltype(make_model())& model, const ferlab::data::Dataset& images) {
  const auto outputs = ferlab::predict(model, images);
  return std::accumulate(outputs.begin(), outputs.end(), 0.0f);
}
