// SPDX-License-Identifier: MIT
// A small data set and network for tests of training: seconds matter here, accuracy does not.
#pragma once

#include <ferlab/ferlab.hpp>

#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace ferlab::test {

/// 12 x 12 images of three classes: a bright bar at the top, in the middle, or at the bottom, in noise.
inline data::Dataset bars(int count, std::uint64_t seed = 1) {
  std::vector<std::uint8_t> pixels, labels;
  for (int i = 0; i < count; ++i) {
    const RandomStream stream{.seed = seed, .index = std::uint32_t(i), .purpose = Purpose::data};
    const int label = i % 3;
    labels.push_back(std::uint8_t(label));
    for (int p = 0; p < 144; ++p) {
      const bool bar = p / 12 / 4 == label && p / 12 % 4 < 2;
      pixels.push_back(std::uint8_t(stream.below(std::uint64_t(p), 120) + (bar ? 100 : 0)));
    }
  }
  return data::Dataset::from_memory({12, 12, 1}, std::move(pixels), std::move(labels), {"top", "middle", "bottom"});
}

/// Everything that has state: dropout, batch statistics, fused stages, a penalty.
inline auto small_net() {
  return Sequential{Input<12, 12, 1>{},
                    Conv2D<8, 3, Padding::valid>{.kernel_regularizer = L2{0.001f}},
                    ReLU{},
                    BatchNorm{},
                    MaxPool<2>{},
                    Dropout{0.25f},
                    Conv2D<8, 3>{},
                    ReLU{},
                    Flatten{},
                    Dense<16>{},
                    ReLU{},
                    Dropout{0.25f},
                    Dense<3>{},
                    Softmax{}};
}

/// All weights and statistics, to compare bit for bit.
template <class M>
std::vector<std::byte> bits(const M& model) {
  std::vector<std::byte> all;
  for (const auto* buffer : {&model.trainable, &model.frozen}) {
    const auto bytes = std::as_bytes(std::span(buffer->begin(), buffer->end()));
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

}  // namespace ferlab::test
