// SPDX-License-Identifier: MIT
// The run whose files of version 0.1 stand in tests/persistence/files. The program that wrote them included this file
// too: see the README there.
#pragma once

#include <ferlab/ferlab.hpp>

#include <cstdint>
#include <vector>

namespace ferlab::test {

/// 6 x 6 images of three classes: a bright bar at the top, in the middle, or at the bottom, in noise.
inline data::Dataset old_bars(int count, std::uint64_t seed) {
  std::vector<std::uint8_t> pixels, labels;
  for (int i = 0; i < count; ++i) {
    const RandomStream stream{.seed = seed, .index = std::uint32_t(i), .purpose = Purpose::data};
    labels.push_back(std::uint8_t(i % 3));
    for (int p = 0; p < 36; ++p)
      pixels.push_back(std::uint8_t(stream.below(std::uint64_t(p), 120) + (p / 12 == i % 3 ? 100 : 0)));
  }
  return data::Dataset::from_memory({6, 6, 1}, std::move(pixels), std::move(labels), {"top", "middle", "bottom"});
}

inline auto old_net() {
  return Sequential{Input<6, 6, 1>{}, Conv2D<2, 3>{.kernel_regularizer = L2{0.01f}},
                    ReLU{},           BatchNorm{},
                    MaxPool<2>{},     Dropout{0.25f},
                    Flatten{},        Dense<3>{},
                    Softmax{}};
}

/// 4 batches an epoch. `more` come before the last callback.
template <class M, class... More>
History old_run(M& model, int epochs, const std::string& backup, bool resume, const std::string& checkpoint,
                More&&... more) {
  return fit(
      model, Adam{.learning_rate = 3e-2f}, CategoricalCrossentropy{.label_smoothing = 0.1f}, old_bars(30, 1),
      old_bars(9, 2),
      {.epochs = epochs, .batch_size = 8, .seed = 5, .augmentation = {.shift = 0.05f}, .progress = Progress::none},
      ReduceLROnPlateau{.monitor = val_loss, .factor = 0.5f, .patience = 1, .min_delta = 0.1f},
      EarlyStopping{.monitor = val_accuracy, .patience = 4, .restore_best_weights = true},
      ModelCheckpoint{checkpoint, {.monitor = val_loss, .save_best_only = true}}, std::forward<More>(more)...,
      BackupAndRestore{backup, {.resume = resume}});
}

}  // namespace ferlab::test
