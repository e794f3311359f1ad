// SPDX-License-Identifier: MIT
// The memory that running a model needs besides its weights. Each thread that runs a model has its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "ferlab/model/model.hpp"

namespace ferlab {

/// Room for batches of up to `capacity` samples. A Workspace for inference is a fraction of one for training, which can
/// do both. Nothing is allocated after construction.
template <class M>
class Workspace {
 public:
  using Plan = typename M::Plan;
  using T = typename M::Scalar;
  enum class Use { inference, training };

  Workspace(const M&, int batch_capacity, Use use = Use::inference)
      : capacity(checked(batch_capacity)),
        arena(std::size_t(capacity) * (use == Use::training
                                           ? std::max(Plan::training_bytes_a_sample, Plan::inference_bytes_a_sample)
                                           : Plan::inference_bytes_a_sample)),
        scratch(Plan::scratch),
        prepared(Plan::prepared_offset[Plan::stage_count]),
        saved(use == Use::training ? Plan::saved_offset[Plan::stage_count] : 0),
        gradients(use == Use::training ? Plan::parameters.trainable_extent : 0) {}

  int capacity;
  typename M::template Buffer<std::uint8_t> arena;
  typename M::template Buffer<T> scratch, prepared, saved;
  typename M::template Buffer<T> gradients;  ///< of all trainable weights, in their order
  std::uint64_t prepared_revision = 0;       ///< of the weights that `prepared` was made from

  /// A part of the arena that the plan placed at `offset` bytes a sample, in a batch of `batch`.
  template <class U>
  U* at(std::size_t offset, int batch) {
    return reinterpret_cast<U*>(arena.data() + offset * std::size_t(batch));
  }

 private:
  static int checked(int capacity) {
    if (capacity < 1)
      throw ArgumentError("a workspace needs room for at least 1 sample, not " + std::to_string(capacity));
    return capacity;
  }
};

}  // namespace ferlab
