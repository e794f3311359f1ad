// SPDX-License-Identifier: MIT
// Inverted dropout (Srivastava et al., 2014): what its kernel is given.
#pragma once

#include <cstddef>

#include "ferlab/ops/step_state.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// y = x / (1 - rate) where kept, else 0; the backward pass is the same on dy. y may be x. Element i is kept where word
/// state->first_sample * features + i of the layer's stream is at least rate * 2^32: a sample's mask depends on its
/// place in the global batch alone.
template <class S>
struct Dropout {
  std::ptrdiff_t count;     ///< of elements: samples * features
  std::ptrdiff_t features;  ///< elements per sample
  float rate;
  ops::StepStream random;
  const S* x;
  S* y;
};
template <class S>
void run(cudaStream_t, const Dropout<S>&);

}  // namespace ferlab::kernels
