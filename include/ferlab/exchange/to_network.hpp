// SPDX-License-Identifier: MIT
// A model described as data. A layer type of ferlab's that other programs know has one function here.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/exchange/network.hpp"
#include "ferlab/exchange/shapes.hpp"
#include "ferlab/layers/layers.hpp"
#include "ferlab/persistence/model_file.hpp"

namespace ferlab::exchange {

/// Metadata of ferlab's stand in files of other programs under names that begin so.
inline constexpr const char* metadata_prefix = "ferlab.";

namespace detail {

template <int Filters, int KernelSize, Padding Pad, int Stride, Bias UseBias>
Layer described(const Conv2D<Filters, KernelSize, Pad, Stride, UseBias>& layer) {
  return Conv2DLayer{.filters = Filters,
                     .kernel = KernelSize,
                     .stride = Stride,
                     .padding = Pad,
                     .bias = UseBias == Bias::yes,
                     .l2 = layer.kernel_regularizer.factor};
}
template <int Units, Bias UseBias>
Layer described(const Dense<Units, UseBias>& layer) {
  return DenseLayer{.units = Units, .bias = UseBias == Bias::yes, .l2 = layer.kernel_regularizer.factor};
}
inline Layer described(const BatchNorm& layer) {
  return BatchNormLayer{.epsilon = layer.epsilon, .momentum = layer.momentum};
}
inline Layer described(const ReLU&) { return ReLULayer{}; }
inline Layer described(const Softmax&) { return SoftmaxLayer{}; }
inline Layer described(const Dropout& layer) { return DropoutLayer{.rate = layer.rate}; }
template <int Window, int Stride, Padding Pad>
Layer described(const MaxPool<Window, Stride, Pad>&) {
  return MaxPoolLayer{.window = Window, .stride = Stride, .padding = Pad};
}
template <int Window, int Stride, Padding Pad>
Layer described(const AveragePool<Window, Stride, Pad>&) {
  return AveragePoolLayer{.window = Window, .stride = Stride, .padding = Pad};
}
inline Layer described(const GlobalAveragePool&) { return GlobalAveragePoolLayer{}; }
inline Layer described(const Flatten&) { return FlattenLayer{}; }
inline Layer described(const ferlab::detail::Join&) { return AddLayer{}; }

/// The compiler prints the layer.
template <class L>
constexpr bool can_be_exchanged() {
  constexpr bool can = requires(const L& layer) { described(layer); };
  static_assert(can, "ferlab: other programs' files have no counterpart of this layer; see docs/exchange.md");
  return can;
}

}  // namespace detail

struct ToNetworkOptions {
  /// Puts the model's preprocessing into the network, as a layer after the input: its inputs are then pixels, 0..255.
  bool preprocessing = false;
};

/// The model's layers and copies of its weights. Its class names, preprocessing and notes become metadata.
template <class M>
Network to_network(const M& model, ToNetworkOptions options = {}) {
  using Net = typename M::Network;
  constexpr auto& parameters = M::Plan::parameters;
  Network network;
  network.nodes.push_back({.name = "input", .layer = InputLayer{Net::input}, .output = Net::input});
  if (options.preprocessing)
    network.nodes.push_back({.name = "rescaling",
                             .layer = RescalingLayer{model.preprocessing.scale, model.preprocessing.offset},
                             .inputs = {0},
                             .output = Net::input});
  std::vector<std::size_t> place(Net::List::size + 1);  // of what makes value i, in network.nodes
  place[0] = network.nodes.size() - 1;

  const auto add = [&]<std::size_t I>() {
    using L = typename Net::List::template at<I>;
    if constexpr (!ferlab::detail::is_mark<L>) {
      if constexpr (detail::can_be_exchanged<L>()) {
        constexpr ferlab::detail::Node entry = Net::graph.nodes[I];
        Node node{.name = std::string(parameters.layer_names[I].view()),
                  .layer = detail::described(ferlab::detail::get<I>(model.net.layers)),
                  .inputs = {place[std::size_t(entry.input)]},
                  .output = Net::graph.shapes[I + 1]};
        if (entry.shortcut >= 0) node.inputs.push_back(place[std::size_t(entry.shortcut)]);
        for (std::size_t k = parameters.first[I]; k < parameters.first[I + 1]; ++k) {
          const auto values = model.get_weights(k);
          const Parameter& shape = parameters.entries[k].shape;
          node.weights.push_back({shape.name, ferlab::detail::shape_of(shape), {values.begin(), values.end()}});
        }
        place[I + 1] = network.nodes.size();
        network.nodes.push_back(std::move(node));
      }
    }
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) { (add.template operator()<I>(), ...); }
  (std::make_index_sequence<Net::List::size>{});

  for (const auto& [key, value] : ferlab::detail::model_metadata(model))
    if (key != "format") network.metadata[metadata_prefix + key] = value;
  return network;
}

}  // namespace ferlab::exchange
