// SPDX-License-Identifier: MIT
// The memory that prediction needs besides a model's weights. Each thread that predicts has its own.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ferlab/model/execution.hpp"
#include "ferlab/model/recorder.hpp"

namespace ferlab {

/// Room for batches of up to `capacity` samples. Serves any models of one type in turn. Throws ArgumentError for a
/// capacity below 1.
template <class M>
class Workspace {
 public:
  using T = typename M::Scalar;
  using V = typename M::Element;

  Workspace(const M&, int batch_capacity)
      : work(detail::WorkMemory<M>::template for_programs<
             typename detail::Execution<M, detail::Prediction<Net>>::Program>(batch_capacity)),
        capacity(batch_capacity),
        pixels(pixel_staging_size(static_cast<const typename M::Backend*>(nullptr), samples(M::input_shape()))),
        exact_outputs(std::is_same_v<T, V> ? 0 : samples(M::output_shape())),
        host_pixels(M::Backend::in_host_memory ? 0 : samples(M::input_shape())),
        host_outputs(M::Backend::in_host_memory ? 0 : samples(M::output_shape())) {}

  // What follows is for predict (model/predict.hpp).

  using Net = typename M::Network;
  detail::WorkMemory<M> work;
  detail::Execution<M, detail::Prediction<Net>> prediction;
  std::uint64_t tuned_revision = 0;  ///< of the model whose numbers `prediction` has
  int capacity;

  typename M::template Buffer<std::uint8_t> pixels;  ///< on their way to a device
  typename M::template Buffer<T> exact_outputs;      ///< the outputs as T, where V is not T

  // Where the host cannot read the others: what it hands to `predict` and gets from it, and the work in between,
  // recorded for these weights, settings and this preprocessing.
  typename M::Backend::template HostBuffer<std::uint8_t> host_pixels;
  typename M::Backend::template HostBuffer<T> host_outputs;
  detail::Recorder<detail::Unwrap<typename M::Backend>> recorder;
  std::array<const T*, 2> recorded_weights{};
  data::Preprocessing recorded_preprocessing;
  std::vector<float> recorded_settings;

 private:
  std::size_t samples(Shape shape) const { return std::size_t(capacity) * shape.size(); }
};

}  // namespace ferlab
