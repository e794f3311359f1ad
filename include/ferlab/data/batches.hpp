// SPDX-License-Identifier: MIT
// Which images come next, and putting them where the network reads them. Nothing here allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "ferlab/core/philox.hpp"
#include "ferlab/data/augmentation.hpp"
#include "ferlab/data/dataset.hpp"
#include "ferlab/data/preprocessing.hpp"

namespace ferlab::data {

/// Writes the images at `positions` of `dataset` to images[i][height][width][channels], preprocessed. Positions are
/// below dataset.size(), unchecked.
template <class T>
void fill_batch(const Dataset& dataset, std::span<const std::uint32_t> positions, const Preprocessing& preprocessing,
                T* images) {
  const std::size_t size = dataset.shape().size();
  for (std::size_t i = 0; i < positions.size(); ++i)
    preprocessing.apply(dataset.image(positions[i]), images + i * size);
}

/// Which random changes a batch gets: image i those of sample first_sample + i of the global batch.
struct AugmentedBatch {
  const Augmenter& augmenter;
  std::uint64_t seed = 0, step = 0, first_sample = 0;
};

/// The same, with images changed as the augmenter draws for this seed, step and sample.
template <class T>
void fill_batch(const Dataset& dataset, std::span<const std::uint32_t> positions, const Preprocessing& preprocessing,
                const AugmentedBatch& changes, T* images) {
  const Shape shape = dataset.shape();
  const T scale = T(preprocessing.scale), offset = T(preprocessing.offset);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const std::uint8_t* const pixels = dataset.image(positions[i]).data();
    const Augmenter::Change change = changes.augmenter.draw(changes.seed, changes.step, int(changes.first_sample + i));
    for (int y = 0; y < shape.height; ++y)
      for (int x = 0; x < shape.width; ++x)
        for (int c = 0; c < shape.channels; ++c)
          *images++ = Augmenter::is_erased(change, y, x)
                          ? T(0)
                          : T(changes.augmenter.pixel(pixels, change, y, x, c)) * scale + offset;
  }
}

/// Puts `order` into the order of this epoch (Fisher-Yates). Start each epoch from the same order: then the epoch's
/// order depends on (seed, epoch) only, and a resumed run sees what the uninterrupted one would have seen.
inline void shuffle(std::span<std::uint32_t> order, std::uint64_t seed, std::uint64_t epoch) {
  const RandomStream random{.seed = seed, .purpose = Purpose::shuffle, .step = epoch};
  for (std::size_t i = order.size(); i-- > 1;) std::swap(order[i], order[random.below(i, std::uint32_t(i + 1))]);
}

}  // namespace ferlab::data
