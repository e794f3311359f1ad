// SPDX-License-Identifier: MIT
// Images of noise in seven classes, for timing only.
#pragma once

#include <ferlab/data/dataset.hpp>

#include <vector>

namespace bench {

inline ferlab::data::Dataset noise(int images) {
  using namespace ferlab;
  std::vector<std::uint8_t> pixels(std::size_t(images) * 48 * 48), labels(static_cast<std::size_t>(images));
  const RandomStream stream{.seed = 1, .purpose = Purpose::data};
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = std::uint8_t(stream.below(i, 256));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = std::uint8_t(i % 7);
  return data::Dataset::from_memory({48, 48, 1}, std::move(pixels), std::move(labels),
                                    {"a", "b", "c", "d", "e", "f", "g"});
}

}  // namespace bench
