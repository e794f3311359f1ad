// SPDX-License-Identifier: MIT
// From bytes to a batch of images: what the kernels are given.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ferlab/ops/step_state.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

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

/// The `count` images from position state->batch * capacity of the order on, and their labels.
template <class S>
struct FillBatch {
  DeviceImages from;
  const ops::StepState* state;
  int capacity, count;
  PixelScale preprocess = {};
  S* images;             ///< [count][size]
  std::uint8_t* labels;  ///< [count]
};
template <class S>
void run(cudaStream_t, const FillBatch<S>&);

/// images = pixels, preprocessed.
template <class S>
struct ScalePixels {
  std::ptrdiff_t count;  ///< of pixels
  const std::uint8_t* pixels;
  PixelScale preprocess = {};
  S* images;
};
template <class S>
void run(cudaStream_t, const ScalePixels<S>&);

}  // namespace ferlab::kernels
