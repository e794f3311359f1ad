// SPDX-License-Identifier: MIT
// The memory that running a model needs besides its weights. Each thread that runs a model has its own.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "ferlab/model/model.hpp"
#include "ferlab/model/recorder.hpp"

namespace ferlab {

/// Room for batches of up to `capacity` samples. A Workspace for inference is a fraction of one for training, which can
/// do both. Nothing is allocated after construction.
template <class M>
class Workspace {
 public:
  using Plan = typename M::Plan;
  using T = typename M::Scalar;
  using V = typename M::Value;
  enum class Use { inference, training };

  Workspace(const M&, int batch_capacity, Use use = Use::inference)
      : capacity(checked(batch_capacity)),
        arena(std::size_t(capacity) * (use == Use::training
                                           ? std::max(Plan::training_bytes_a_sample, Plan::inference_bytes_a_sample)
                                           : Plan::inference_bytes_a_sample)),
        scratch(Plan::scratch),
        prepared(Plan::prepared_offset[Plan::stage_count]),
        saved(use == Use::training ? Plan::saved_offset[Plan::stage_count] : 0),
        gradients(use == Use::training ? Plan::parameters.trainable_extent : 0),
        rounded(std::is_same_v<T, V> ? 0 : Plan::parameters.trainable_extent),
        loss_scratch(crossentropy_scratch_size(On<Bare<typename M::Backend>>{}, capacity)),
        sums(penalties_scratch_size(On<Bare<typename M::Backend>>{})),
        state(1),
        metrics(1),
        pixels(pixel_staging_size(On<Bare<typename M::Backend>>{}, samples(M::input_shape()))),
        exact_outputs(std::is_same_v<T, V> ? 0 : samples(M::output_shape())),
        host_pixels(M::Backend::in_host_memory ? 0 : samples(M::input_shape())),
        host_outputs(M::Backend::in_host_memory ? 0 : samples(M::output_shape())) {}

  int capacity;
  typename M::template Buffer<std::uint8_t> arena;
  typename M::template Buffer<T> scratch;
  typename M::template Buffer<V> prepared;
  typename M::template Buffer<T> saved;
  typename M::template Buffer<V> gradients;  ///< of all trainable weights, in their order
  typename M::template Buffer<V> rounded;    ///< all trainable weights as V; none where V is T
  std::uint64_t prepared_revision = 0;       ///< of the weights that `prepared` and `rounded` were made from

  typename M::template Buffer<T> loss_scratch;
  typename M::template Buffer<double> sums;          ///< scratch of what is summed over all weights
  typename M::template Buffer<StepState> state;      ///< one: of the step that runs
  typename M::template Buffer<StepMetrics> metrics;  ///< one: what the steps found

  typename M::template Buffer<std::uint8_t> pixels;  ///< on their way to a device
  typename M::template Buffer<T> exact_outputs;      ///< the outputs as T, where V is not T

  // Where the host cannot read the others: what it hands to `predict` and gets from it, and the work in between,
  // recorded for these weights and this preprocessing.
  typename M::Backend::template HostBuffer<std::uint8_t> host_pixels;
  typename M::Backend::template HostBuffer<T> host_outputs;
  Recorder<Bare<typename M::Backend>> recorder;
  std::array<const T*, 2> recorded_weights{};
  data::Preprocessing recorded_preprocessing;

  /// A part of the arena that the plan placed at `offset` bytes a sample, in a batch of `batch`.
  template <class U>
  U* at(std::size_t offset, int batch) {
    return reinterpret_cast<U*>(arena.data() + offset * std::size_t(batch));
  }

 private:
  std::size_t samples(Shape shape) const { return std::size_t(capacity) * shape.size(); }
  static int checked(int capacity) {
    if (capacity < 1)
      throw ArgumentError("a workspace needs room for at least 1 sample, not " + std::to_string(capacity));
    return capacity;
  }
};

}  // namespace ferlab
