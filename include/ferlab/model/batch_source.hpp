// SPDX-License-Identifier: MIT
// A data set where the backend can take batches from it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ferlab/core/step_state.hpp"
#include "ferlab/data/batches.hpp"

namespace ferlab {

/// For backends in the host's memory: the data set as it is, never copied. A backend of another kind specialises this.
template <class Backend>
class BatchSource {
 public:
  /// Batches of up to `capacity` images of `data`, which must outlive this.
  BatchSource(const Backend&, const data::Dataset& data, int capacity)
      : data_(data), capacity_(std::size_t(capacity)), order_(data.size()), labels_(std::size_t(capacity)) {
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = std::uint32_t(i);
  }

  /// The order in which batches go through the images from now on: each of 0 .. size - 1.
  void set_order(const Backend&, std::span<const std::uint32_t> order) { order_.assign(order.begin(), order.end()); }

  /// Puts batch number state.batch (of `count` images, only the last one has fewer than `capacity`) where the network
  /// reads it, changed as augmenter draws for this step. Returns its labels, valid until the next call.
  template <class V>
  const std::uint8_t* fill(const Backend&, const StepState* state, int count, const data::Preprocessing& preprocessing,
                           const data::Augmenter& augmenter, V* images) {
    const auto positions = std::span<const std::uint32_t>(order_).subspan(state->batch * capacity_, std::size_t(count));
    if (augmenter.is_none())
      data::fill_batch(data_, positions, preprocessing, images, labels_.data());
    else
      data::fill_batch(data_, positions, preprocessing, augmenter, state->seed, state->step, images, labels_.data());
    return labels_.data();
  }

 private:
  const data::Dataset& data_;
  std::size_t capacity_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint8_t> labels_;
};

}  // namespace ferlab
