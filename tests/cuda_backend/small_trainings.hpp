// SPDX-License-Identifier: MIT
// Small trainings that either backend runs, and what to compare of them.
#pragma once

#include <ferlab/cuda.hpp>

#include <algorithm>
#include <cmath>

#include "support/catch.hpp"

namespace small {

using namespace ferlab;

inline data::Dataset noise(std::size_t images, std::uint64_t seed) {
  std::vector<std::uint8_t> pixels(images * 100), labels(images);
  const RandomStream stream{.seed = seed, .purpose = Purpose::data};
  for (std::size_t i = 0; i < images; ++i) {
    labels[i] = std::uint8_t(i % 3);
    for (std::size_t k = 0; k < 100; ++k)
      pixels[i * 100 + k] = std::uint8_t(stream.below(i * 100 + k, 128) + (k % 3 == labels[i] ? 100u : 0u));
  }
  return data::Dataset::from_memory({10, 10, 1}, std::move(pixels), std::move(labels), {"a", "b", "c"});
}

/// No bias right before BatchNorm: its gradient is 0 but for rounding, which Adam would make steps of.
inline auto small_net() {
  return Sequential{Input<10, 10, 1>{},
                    Conv2D<4, 3, Padding::valid>{.kernel_regularizer = L2{0.01f}},
                    ReLU{},
                    BatchNorm{},
                    MaxPool<2>{},
                    Dropout{0.25f},
                    Residual{Conv2D<4, 3, Padding::same, 1, Bias::no>{}, BatchNorm{}, ReLU{}},
                    AveragePool<2>{},
                    Flatten{},
                    Dense<9>{},
                    ReLU{},
                    Dropout{0.25f},
                    Dense<3>{},
                    Softmax{}};
}

/// Convolutions by cuDNN, but for the first; channels in eights, and not.
inline auto net_for_cudnn() {
  return Sequential{Input<10, 10, 1>{},
                    Conv2D<8, 3, Padding::valid>{},
                    ReLU{},
                    Conv2D<16, 3, Padding::same, 2>{},
                    BatchNorm{},
                    ReLU{},
                    Conv2D<8, 2>{},
                    ReLU{},
                    Conv2D<8, 3>{},
                    ReLU{},
                    BatchNorm{},
                    MaxPool<2>{},
                    Conv2D<7, 1, Padding::valid, 1, Bias::no>{},
                    GlobalAveragePool{},
                    Dense<16>{.kernel_regularizer = L2{0.01f}},
                    ReLU{},
                    Dropout{0.25f},
                    Dense<3>{},
                    Softmax{}};
}

/// How far a training may be from the CPU's where products are made from 10 bits of mantissa; stand-ins keep all. And
/// one with our own convolutions from one with cuDNN's: both round in the same places, on a device sums that differ in
/// their last bits to other numbers now and then.
#ifdef FERLAB_TEST_ON_DEVICE
inline constexpr double tf32_bound = 1e-2, own_bound = 1e-2;
#else
inline constexpr double tf32_bound = 1e-5, own_bound = 1e-3;
#endif

struct Outcome {
  std::vector<double> losses;
  std::vector<float> start, weights, outputs;
};

template <class Backend, class Optimizer = Adam, class Net = decltype(small_net())>
Outcome outcome(const Backend& backend, const Optimizer& optimizer = {.learning_rate = 1e-2f},
                const Net& net = small_net(), const data::Augmentation& augmentation = {}) {
  const auto train = noise(20, 1), validation = noise(7, 2);
  Model model{net, backend, ModelOptions{.seed = 3}};
  Outcome found;
  found.start = model.get_weights();
  const History history =
      fit(model, optimizer, CategoricalCrossentropy{.label_smoothing = 0.1f}, train, validation,
          {.epochs = 3, .batch_size = 8, .seed = 5, .augmentation = augmentation, .progress = Progress::none});
  for (const EpochResult& epoch : history.epochs) {
    found.losses.push_back(epoch.loss);
    found.losses.push_back(epoch.val_loss);
  }
  found.weights = model.get_weights();
  found.outputs = predict(model, validation, 4);
  return found;
}

inline void compare(const Outcome& found, const Outcome& expected, double bound) {
  REQUIRE(found.losses.size() == expected.losses.size());
  for (std::size_t i = 0; i < found.losses.size(); ++i)
    CHECK(found.losses[i] == Approx(expected.losses[i]).epsilon(bound));
  REQUIRE(found.weights.size() == expected.weights.size());
  double most = 0;
  for (std::size_t i = 0; i < found.weights.size(); ++i)
    most = std::max(most, std::abs(double(found.weights[i]) - double(expected.weights[i])));
  CHECK(most < 20 * bound);
  double apart = 0, moved = 0;  // of what the training did to the weights, how much differs?
  for (std::size_t i = 0; i < found.weights.size(); ++i) {
    apart += std::pow(double(found.weights[i]) - double(expected.weights[i]), 2);
    moved += std::pow(double(expected.weights[i]) - double(expected.start[i]), 2);
  }
  INFO("of what the training changed, " << std::sqrt(apart / moved) << " differs");
  CHECK(std::sqrt(apart / moved) < std::min(20 * bound, 0.3));
  for (std::size_t i = 0; i < found.outputs.size(); ++i)
    CHECK(std::abs(found.outputs[i] - expected.outputs[i]) < 20 * bound);
}

}  // namespace small
