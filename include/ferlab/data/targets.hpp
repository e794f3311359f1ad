// SPDX-License-Identifier: MIT
// A sample's target, in the form that a loss takes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ferlab/core/target.hpp"
#include "ferlab/data/dataset.hpp"

namespace ferlab::data {

/// to[0] = the label of image i.
inline void write_target(ClassIndex, const Dataset& dataset, std::size_t i, Shape /*output*/, std::uint8_t* to) {
  *to = dataset.label(i);
}
/// to[...] = 1 at the label of image i, 0 elsewhere (one-hot), as keras.utils.to_categorical.
inline void write_target(OutputVector, const Dataset& dataset, std::size_t i, Shape output, float* to) {
  std::fill_n(to, output.size(), 0.0f);
  to[dataset.label(i)] = 1;
}

}  // namespace ferlab::data
