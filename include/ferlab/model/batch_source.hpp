// SPDX-License-Identifier: MIT
// A data set where the backend can take batches from it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ferlab/data/batches.hpp"
#include "ferlab/data/targets.hpp"
#include "ferlab/ops/step_state.hpp"

namespace ferlab::detail {

/// For backends in the host's memory: the data set as it is, never copied. A backend of another kind specialises this.
/// Target: what the loss takes (core/target.hpp).
template <class Backend, class Target>
class BatchSource {
  static_assert(Backend::in_host_memory,
                "ferlab: this backend cannot yet bring targets of this kind into its memory; class indices it can");

 public:
  /// Batches of up to `capacity` images of `data`, which must outlive this, for a network with this output.
  BatchSource(const Backend&, const data::Dataset& data, int capacity, Shape output)
      : data_(data),
        output_(output),
        capacity_(std::size_t(capacity)),
        order_(data.size()),
        targets_(std::size_t(capacity) * Target::per_sample(output)) {
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = std::uint32_t(i);
  }

  /// The order in which batches go through the images from now on: each of 0 .. size - 1.
  void set_order(const Backend&, std::span<const std::uint32_t> order) { order_.assign(order.begin(), order.end()); }

  /// Puts batch number state.batch (of `count` images, only the last one has fewer than `capacity`) where the network
  /// reads it, changed as augmenter draws for this step. Returns its targets, valid until the next call.
  template <class V>
  const typename Target::Element* fill(const Backend&, const ops::StepState* state, int count,
                                       const data::Preprocessing& preprocessing, const data::Augmenter& augmenter,
                                       V* images) {
    const auto positions = std::span<const std::uint32_t>(order_).subspan(state->batch * capacity_, std::size_t(count));
    if (augmenter.is_none())
      data::fill_batch(data_, positions, preprocessing, images);
    else
      data::fill_batch(data_, positions, preprocessing,
                       data::AugmentedBatch{augmenter, state->seed, state->step, state->first_sample}, images);
    for (std::size_t i = 0; i < positions.size(); ++i)
      write_target(Target{}, data_, positions[i], output_, targets_.data() + i * Target::per_sample(output_));
    return targets_.data();
  }

 private:
  const data::Dataset& data_;
  Shape output_;
  std::size_t capacity_;
  std::vector<std::uint32_t> order_;
  std::vector<typename Target::Element> targets_;
};

}  // namespace ferlab::detail
