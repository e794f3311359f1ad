// SPDX-License-Identifier: MIT
// A data set in device memory, from which batches are taken in the order of an epoch.
#pragma once

#include <numeric>
#include <vector>

#include "ferlab/cuda/copy.hpp"
#include "ferlab/model/batch_source.hpp"

namespace ferlab::detail {

template <Precision P>
class BatchSource<Cuda<P>, ClassIndex> {
 public:
  /// Uploads all of `data` once: a byte per pixel.
  BatchSource(const Cuda<P>& backend, const data::Dataset& data, int capacity, Shape /*output*/)
      : capacity_(capacity),
        size_(int(data.shape().size())),
        pixels_(data.size() * data.shape().size()),
        labels_(data.size()),
        order_(data.size()),
        batch_labels_(std::size_t(capacity)) {
    std::vector<std::uint8_t> labels(data.size()), some;
    std::vector<std::uint32_t> order(data.size());
    std::iota(order.begin(), order.end(), 0u);
    constexpr std::size_t at_once = 4096;
    for (std::size_t i = 0, sent = 0; i < data.size(); ++i) {
      labels[i] = data.label(i);
      some.insert(some.end(), data.image(i).begin(), data.image(i).end());
      if ((i + 1) % at_once != 0 && i + 1 < data.size()) continue;
      copy_from_host(backend, std::ptrdiff_t(some.size()), some.data(), pixels_.data() + sent);
      sent += some.size();
      some.clear();
    }
    copy_from_host(backend, std::ptrdiff_t(labels.size()), labels.data(), labels_.data());
    set_order(backend, order);
  }

  void set_order(const Cuda<P>& backend, std::span<const std::uint32_t> order) {
    copy_from_host(backend, std::ptrdiff_t(order.size()), order.data(), order_.data());
  }

  template <class V>
  const std::uint8_t* fill(const Cuda<P>& backend, const ops::StepState* state, int count,
                           const data::Preprocessing& preprocessing, const data::Augmenter& augmenter, V* images) {
    const kernels::DeviceImages from{pixels_.data(), labels_.data(), order_.data(), size_};
    const kernels::PixelScale scale{preprocessing.scale, preprocessing.offset};
    if (augmenter.is_none())
      kernels::run(backend.stream(), kernels::FillBatch<V>{.from = from,
                                                           .state = state,
                                                           .capacity = capacity_,
                                                           .count = count,
                                                           .preprocess = scale,
                                                           .images = images,
                                                           .labels = batch_labels_.data()});
    else
      kernels::run(backend.stream(), kernels::AugmentBatch<V>{.from = from,
                                                              .state = state,
                                                              .capacity = capacity_,
                                                              .count = count,
                                                              .preprocess = scale,
                                                              .augmenter = augmenter,
                                                              .images = images,
                                                              .labels = batch_labels_.data()});
    return batch_labels_.data();
  }

 private:
  int capacity_, size_;
  cuda::DeviceBuffer<std::uint8_t> pixels_, labels_;
  cuda::DeviceBuffer<std::uint32_t> order_;
  cuda::DeviceBuffer<std::uint8_t> batch_labels_;
};

}  // namespace ferlab::detail
