// SPDX-License-Identifier: MIT
// What a sample should give: the kinds of target that losses and metrics take and data sets have.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ferlab/core/shape.hpp"

namespace ferlab {

/// The number of a class, from 0.
struct ClassIndex {
  static constexpr const char* name = "a class index";
  using Element = std::uint8_t;
  static constexpr std::size_t per_sample(Shape /*output*/) { return 1; }
};

/// One number for each output of the network.
struct OutputVector {
  static constexpr const char* name = "a number for each output";
  using Element = float;
  static constexpr std::size_t per_sample(Shape output) { return output.size(); }
};

}  // namespace ferlab
