// SPDX-License-Identifier: MIT
// Nets that hold every layer that can be exchanged, with sides and strides at which "same" pads unevenly.
#pragma once

#include <ferlab/cpu/cpu.hpp>
#include <ferlab/exchange/to_network.hpp>
#include <ferlab/model/model.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

namespace ferlab::test {

inline auto flat_net() {
  return Sequential{Input<13, 11, 2>{},
                    Conv2D<3, 3, Padding::valid>{.kernel_regularizer = L2{0.01f}},
                    ReLU{},
                    BatchNorm{},
                    MaxPool<2>{},
                    Conv2D<4, 3, Padding::same, 2, Bias::no>{},
                    BatchNorm{.momentum = 0.9f, .epsilon = 1e-4f},
                    ReLU{},
                    Dropout{0.25f},
                    Flatten{},
                    BatchNorm{},
                    Dense<6>{},
                    ReLU{},
                    Dropout{0.5f},
                    Dense<5, Bias::no>{},
                    Softmax{}};
}

inline auto pooled_net() {
  return Sequential{Input<13, 11, 2>{},
                    Conv2D<4, 3>{},
                    BatchNorm{},
                    ReLU{},
                    AveragePool<3, 2, Padding::same>{},
                    MaxPool<2, 2, Padding::same>{},
                    Conv2D<5, 1, Padding::same, 2>{},
                    GlobalAveragePool{},
                    Dense<7>{},
                    Softmax{}};
}

inline auto residual_net() {
  return Sequential{Input<8, 9, 3>{},
                    Conv2D<4, 3>{},
                    ReLU{},
                    Residual{Conv2D<4, 3>{}, BatchNorm{}, ReLU{}, Residual{Conv2D<4, 3>{}, ReLU{}}},
                    Residual{Conv2D<6, 3, Padding::same, 2>{}, ReLU{}, Conv2D<6, 3>{},
                             Projection{Conv2D<6, 1, Padding::same, 2>{}, BatchNorm{}}},
                    ReLU{},
                    GlobalAveragePool{},
                    Dense<3>{},
                    Softmax{}};
}

/// All weights differ from those that any initializer gives, and from one another.
template <class M>
void fill(M& model, std::uint64_t seed) {
  const RandomStream stream{.seed = seed, .purpose = Purpose::data};
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    std::vector<float> values(model.parameters()[i].size());
    const bool positive = model.parameters()[i].name.view().ends_with("variance");
    for (float& value : values) {
      value = float(stream.word(next++) % 2001) / 1000 - 1;  // -1 to 1
      if (positive) value = std::abs(value) + 0.1f;
    }
    model.set_weights(i, values);
  }
}

template <class Net>
auto filled(const Net& net, std::uint64_t seed = 1) {
  Model model{net, Cpu{1}};
  fill(model, seed);
  model.class_names = {"a", "b"};
  model.preprocessing = {"standardize", 0.02f, -1.5f};
  model.notes["source"] = "test";
  return model;
}

}  // namespace ferlab::test
