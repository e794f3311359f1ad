// SPDX-License-Identifier: MIT
// What launchers take besides pointers and numbers. For host and device.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/bfloat16.hpp"

namespace ferlab::kernels {

/// The L2 factors along the flat buffer of weights: segment k ends before end[k]. Segments begin at multiples of 4.
struct Penalties {
  static constexpr int most = 32;
  int count = 0;
  std::ptrdiff_t end[most] = {};
  float l2[most] = {};
};

/// All weights as an optimizer's kernel sees them. `copy` (nullptr: none) gets the new weights.
template <class G>
struct FlatArrays {
  std::ptrdiff_t count = 0;
  float* weights = nullptr;
  const G* gradients = nullptr;
  bfloat16* copy = nullptr;
  Penalties penalties{};
  float weight_decay = 0;  ///< decoupled: weights first lose learning_rate * weight_decay of themselves
};

/// A data set on the device, and the order in which an epoch goes through it.
struct DeviceImages {
  const std::uint8_t* pixels;  ///< [image][size]
  const std::uint8_t* labels;  ///< [image]
  const std::uint32_t* order;  ///< [position]
  int size;                    ///< of an image
};

/// pixel * scale + offset, as data::Preprocessing.
struct PixelScale {
  float scale = 1, offset = 0;
};

}  // namespace ferlab::kernels
