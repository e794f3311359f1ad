// SPDX-License-Identifier: MIT
// All trainable weights of a model, as an optimizer sees them: flat buffers of one length.
#pragma once

#include <cstddef>
#include <span>

namespace ferlab {

/// A run of weights in the flat buffer that share a penalty.
struct Segment {
  std::size_t offset = 0, size = 0;
  float l2 = 0;
};

/// T is what weights are in, V what the layers compute in.
template <class T, class V>
struct FlatWeights {
  std::span<const Segment> segments;  ///< cover all of the buffers, in order
  std::size_t size;                   ///< of the buffers
  T* weights;
  const V* gradients;      ///< without the penalties' part, 2 * l2 * weight
  V* rounded = nullptr;    ///< gets the new weights as V, where V is not T
  float weight_decay = 0;  ///< decoupled: weights first lose learning_rate * weight_decay of themselves
};

/// The numbers of Adam that do not change: see optimizers/adam.hpp.
struct AdamFactors {
  float beta_1 = 0.9f, beta_2 = 0.999f, epsilon = 1e-7f;
};

}  // namespace ferlab
