// SPDX-License-Identifier: MIT
// A batch of randomly changed images: what the kernel is given.
#pragma once

#include "ferlab/data/augmentation.hpp"
#include "kernels/fill_batch.hpp"

namespace ferlab::kernels {

/// As FillBatch, each image changed as ferlab/data/augmentation.hpp says, with the random numbers of sample
/// state->first_sample + its place in the batch.
template <class S>
struct AugmentBatch {
  DeviceImages from;
  const ops::StepState* state;
  int capacity, count;
  PixelScale preprocess = {};
  data::Augmenter augmenter;
  S* images;             ///< [count][size]
  std::uint8_t* labels;  ///< [count]
};
template <class S>
void run(cudaStream_t, const AugmentBatch<S>&);

}  // namespace ferlab::kernels
