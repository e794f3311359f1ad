// SPDX-License-Identifier: MIT
// All trainable weights of a model, as an optimizer sees them: flat buffers of one length.
#pragma once

#include <cstddef>
#include <span>

namespace ferlab::ops {

/// A run of weights in the flat buffer that share a penalty.
struct WeightRange {
  std::size_t offset = 0, size = 0;
  float l2 = 0;
};

/// T is what weights are in, V what the layers compute in.
template <class T, class V>
struct FlatWeights {
  std::span<const WeightRange> segments;  ///< cover all of the buffers, in order
  std::size_t size;                       ///< of the buffers
  T* weights;
  const V* gradients;    ///< without the penalties' part, 2 * l2 * weight
  V* rounded = nullptr;  ///< gets the new weights as V, where V is not T
};

}  // namespace ferlab::ops
