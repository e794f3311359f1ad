// SPDX-License-Identifier: MIT
// Networks as data, with every layer that can be exchanged.
#pragma once

#include <ferlab/exchange/layouts.hpp>
#include <ferlab/exchange/shapes.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace ferlab::test {

using namespace exchange;

/// A Network layer by layer: outputs and weights come by themselves.
class NetworkMaker {
 public:
  Network network;

  explicit NetworkMaker(Shape input) { network.nodes.push_back({"input", InputLayer{input}, {}, {}, input}); }
  /// Adds a layer after the last, or after `from`; returns its place.
  std::size_t add(Layer layer, std::vector<std::size_t> from = {}) {
    if (from.empty()) from = {network.nodes.size() - 1};
    const std::size_t i = network.nodes.size();
    Node node{"layer_" + std::to_string(i), layer, from, {}, {}};
    node.output = output_of(network, node);
    for (const ArrayShape& wanted : weights_of(layer, network.nodes[from[0]].output)) {
      Array array{wanted.name, wanted.shape, {}};
      std::size_t n = 1;
      for (const std::size_t d : wanted.shape) n *= d;
      for (std::size_t k = 0; k < n; ++k) {
        const float value = float(int((k * 41 + i * 17 + array.name.size() * 5) % 127) - 63) / 64;
        array.values.push_back(array.name == "moving_variance" ? std::abs(value) + 0.25f : value);
      }
      node.weights.push_back(std::move(array));
    }
    network.nodes.push_back(std::move(node));
    return i;
  }
  NetworkMaker& then(Layer layer) {
    add(std::move(layer));
    return *this;
  }
};

/// With a Flatten; "same" pads unevenly.
inline Network flat_network() {
  return NetworkMaker({13, 11, 2})
      .then(RescalingLayer{1 / 128.0f, -1})
      .then(Conv2DLayer{.filters = 3, .kernel = 3})
      .then(ReLULayer{})
      .then(BatchNormLayer{})
      .then(MaxPoolLayer{2, 2})
      .then(Conv2DLayer{.filters = 4, .kernel = 3, .stride = 2, .padding = Padding::same, .bias = false})
      .then(BatchNormLayer{1e-4f, 0.9f})
      .then(ReLULayer{})
      .then(FlattenLayer{})
      .then(BatchNormLayer{})
      .then(DenseLayer{.units = 6})
      .then(ReLULayer{})
      .then(DenseLayer{.units = 5, .bias = false})
      .then(SoftmaxLayer{})
      .network;
}

/// Without; every pool.
inline Network pooled_network() {
  return NetworkMaker({13, 11, 2})
      .then(Conv2DLayer{.filters = 4, .kernel = 3, .padding = Padding::same})
      .then(ReLULayer{})
      .then(AveragePoolLayer{3, 2, Padding::same})
      .then(AveragePoolLayer{2, 1})
      .then(MaxPoolLayer{2, 2, Padding::same})
      .then(Conv2DLayer{.filters = 5, .kernel = 1})
      .then(GlobalAveragePoolLayer{})
      .then(BatchNormLayer{})
      .then(DenseLayer{.units = 7})
      .then(SoftmaxLayer{})
      .network;
}

inline Network residual_network() {
  NetworkMaker maker({8, 9, 3});
  const std::size_t first = maker.add(Conv2DLayer{.filters = 4, .kernel = 3, .padding = Padding::same});
  maker.add(ReLULayer{});
  const std::size_t last = maker.add(Conv2DLayer{.filters = 4, .kernel = 3, .padding = Padding::same});
  maker.add(AddLayer{}, {last, first});
  const std::size_t sum = maker.add(BatchNormLayer{});
  const std::size_t side = maker.add(Conv2DLayer{.filters = 4, .kernel = 1}, {sum});
  maker.add(AddLayer{}, {sum, side});
  maker.add(GlobalAveragePoolLayer{});
  const std::size_t features = maker.add(ReLULayer{});
  const std::size_t dense = maker.add(DenseLayer{.units = 4});
  maker.add(AddLayer{}, {features, dense});
  return maker.network;
}

/// Of flat data.
inline Network table_network() {
  return NetworkMaker({1, 1, 6})
      .then(BatchNormLayer{})
      .then(DenseLayer{.units = 8})
      .then(ReLULayer{})
      .then(DenseLayer{.units = 1})
      .network;
}

/// Its output is an image.
inline Network image_network() {
  return NetworkMaker({6, 5, 3})
      .then(Conv2DLayer{.filters = 4, .kernel = 3, .padding = Padding::same})
      .then(MaxPoolLayer{2, 2})
      .then(BatchNormLayer{})
      .network;
}

/// Its output is a flattened image, whose order matters.
inline Network features_network() {
  return NetworkMaker({6, 5, 3})
      .then(Conv2DLayer{.filters = 4, .kernel = 3})
      .then(FlattenLayer{})
      .then(ReLULayer{})
      .network;
}

inline std::vector<std::pair<std::string, Network>> some_networks() {
  return {{"flat", flat_network()},   {"pooled", pooled_network()}, {"residual", residual_network()},
          {"table", table_network()}, {"image", image_network()},   {"features", features_network()}};
}

/// One input for it; whole numbers, so that it can be of uint8.
inline std::vector<float> sample_for(const Network& network) {
  std::vector<float> sample(network.nodes[0].output.size());
  for (std::size_t i = 0; i < sample.size(); ++i) sample[i] = float(i * 53 % 256);
  return sample;
}

}  // namespace ferlab::test
