// SPDX-License-Identifier: MIT
// What each layer of a Network makes of a shape, which weights it has, and a check of a whole network.
#pragma once

#include <climits>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/exchange/network.hpp"
#include "ferlab/formats/safetensors.hpp"

namespace ferlab::exchange {

/// No kernel, stride, number of filters or side of an image is larger: arithmetic on shapes cannot overflow.
inline constexpr int most_of_a_size = 1 << 20;

/// 'layer "conv2d_1" (Conv2D)', for errors.
inline std::string where(const Node& node) {
  return "layer \"" + node.name + "\" (" + std::string(type_name(node.layer)) + ")";
}

/// One weight array that a layer must have.
struct ArrayShape {
  std::string name;
  std::vector<std::size_t> shape;
};

/// The weights of `layer` where `in` reaches it, in Keras's order.
[[gnu::cold]] inline std::vector<ArrayShape> weights_of(const Layer& layer, Shape in) {
  const auto size = [](int n) { return std::size_t(n); };
  const std::size_t channels = size(in.channels);
  std::vector<ArrayShape> found;
  if (const auto* conv = std::get_if<Conv2DLayer>(&layer)) {
    found.push_back({"kernel", {size(conv->kernel), size(conv->kernel), channels, size(conv->filters)}});
    if (conv->bias) found.push_back({"bias", {size(conv->filters)}});
  } else if (const auto* dense = std::get_if<DenseLayer>(&layer)) {
    found.push_back({"kernel", {channels, size(dense->units)}});
    if (dense->bias) found.push_back({"bias", {size(dense->units)}});
  } else if (std::holds_alternative<BatchNormLayer>(layer)) {
    for (const char* name : {"gamma", "beta", "moving_mean", "moving_variance"}) found.push_back({name, {channels}});
  }
  return found;
}

namespace detail {

/// Computes the output of one layer; throws FormatError with what is wrong and not where.
struct OutputShape {
  std::span<const Shape> in;

  static void require(bool truth, const std::string& what) {
    if (!truth) throw FormatError(what);
  }
  static void require_size(const char* what, int value) {
    require(value > 0 && value <= most_of_a_size, std::string("expected a positive ") + what + " of at most " +
                                                      std::to_string(most_of_a_size) + ", got " +
                                                      std::to_string(value));
  }
  static Shape window(Shape x, int size, int stride, Padding padding, int channels) {
    require_size("window", size);
    require_size("stride", stride);
    const Shape y{ferlab::detail::window_count(x.height, size, stride, padding),
                  ferlab::detail::window_count(x.width, size, stride, padding), channels};
    require(y.height > 0 && y.width > 0,
            "its window of " + std::to_string(size) + " is larger than its input, " + to_string(x));
    return y;
  }
  void require_flat(const char* why) const {
    require(in[0].is_flat(), std::string("expected a flat input") + why + ", got " + to_string(in[0]));
  }

  Shape operator()(const InputLayer& layer) const {
    require_size("height", layer.shape.height);
    require_size("width", layer.shape.width);
    require_size("number of channels", layer.shape.channels);
    return layer.shape;
  }
  Shape operator()(const Conv2DLayer& layer) const {
    require_size("number of filters", layer.filters);
    return window(in[0], layer.kernel, layer.stride, layer.padding, layer.filters);
  }
  Shape operator()(const DenseLayer& layer) const {
    require_size("number of units", layer.units);
    require_flat(" (a Flatten before it)");
    return {1, 1, layer.units};
  }
  Shape operator()(const SoftmaxLayer&) const {
    require_flat("");
    return in[0];
  }
  template <class Pool>
  Shape pool(const Pool& layer) const {
    return window(in[0], layer.window, layer.stride, layer.padding, in[0].channels);
  }
  Shape operator()(const MaxPoolLayer& layer) const { return pool(layer); }
  Shape operator()(const AveragePoolLayer& layer) const { return pool(layer); }
  Shape operator()(const GlobalAveragePoolLayer&) const { return {1, 1, in[0].channels}; }
  Shape operator()(const FlattenLayer&) const {
    require(in[0].size() <= INT_MAX, "its input is too large: " + to_string(in[0]));
    return {1, 1, int(in[0].size())};
  }
  Shape operator()(const AddLayer&) const {
    require(in[0] == in[1], "expected two inputs of one shape, got " + to_string(in[0]) + " and " + to_string(in[1]));
    return in[0];
  }
  template <class Other>
  Shape operator()(const Other&) const {
    return in[0];
  }
};

inline std::size_t input_count(const Layer& layer) {
  return std::holds_alternative<InputLayer>(layer) ? 0 : std::holds_alternative<AddLayer>(layer) ? 2 : 1;
}

}  // namespace detail

/// The output of `node`, which reads what comes before it in `network`. Throws FormatError with the layer and what is
/// wrong with it.
[[gnu::cold]] inline Shape output_of(const Network& network, const Node& node) {
  try {
    const std::size_t count = detail::input_count(node.layer);
    if (node.inputs.size() != count)
      throw FormatError("expected " + std::to_string(count) + " inputs, got " + std::to_string(node.inputs.size()));
    if (std::holds_alternative<RescalingLayer>(node.layer) && node.inputs[0] != 0)
      throw FormatError("expected right after the input, as preprocessing; elsewhere ferlab has no such layer");
    std::vector<Shape> in;
    for (std::size_t from : node.inputs) in.push_back(network.nodes[from].output);
    return std::visit(detail::OutputShape{in}, node.layer);
  } catch (const FormatError& error) {
    throw FormatError(where(node) + ": " + error.what());
  }
}

/// Throws FormatError, with the layer, where its weights are not those that it must have.
[[gnu::cold]] inline void check_weights(const Network& network, const Node& node) {
  const auto fail = [&](const std::string& what) { throw FormatError(where(node) + ": " + what); };
  const Shape in = node.inputs.empty() ? Shape{} : network.nodes[node.inputs[0]].output;
  const std::vector<ArrayShape> expected = weights_of(node.layer, in);
  if (node.weights.size() != expected.size())
    fail("expected " + std::to_string(expected.size()) + " weight arrays, got " + std::to_string(node.weights.size()));
  for (std::size_t k = 0; k < expected.size(); ++k)
    if (node.weights[k].shape != expected[k].shape)
      fail(expected[k].name + ": expected " + formats::to_string(expected[k].shape) + ", got " +
           formats::to_string(node.weights[k].shape));
}

}  // namespace ferlab::exchange
