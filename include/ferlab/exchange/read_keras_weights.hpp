// SPDX-License-Identifier: MIT
// The weight arrays of a Keras file in HDF5. Two kinds: the old one names layers and arrays in attributes (Keras 2, and
// the full .h5 of Keras 3); the new one numbers them (.weights.h5, and the .h5 inside a .keras).
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/exchange/read_keras_config.hpp"
#include "ferlab/formats/hdf5.hpp"

namespace ferlab::exchange::detail {

/// The attribute of a file's root in which Network::metadata stands as JSON; Keras passes over it.
inline constexpr const char* metadata_attribute = "ferlab";

/// Where the arrays of one layer lie in the file, in Keras's order.
struct KerasArrays {
  std::string name;        ///< of the layer in the file
  std::string class_name;  ///< of the new kind: "conv2d"
  std::size_t number = 0;  ///< of the new kind: how many of its class come before it
  std::vector<formats::Hdf5Dataset> arrays;
};

/// "Conv2D" -> "conv2d", "BatchNormalization" -> "batch_normalization"; as the new kind calls its groups.
inline std::string_view snake_case(std::string_view class_name) {
  if (class_name == "Conv2D") return "conv2d";
  if (class_name == "Dense") return "dense";
  return "batch_normalization";
}

class KerasWeightsReader {
 public:
  explicit KerasWeightsReader(const formats::Hdf5File& file) : file_(file) {
    const formats::Hdf5Group root = file.root();
    for (const char* name : {"layers", "_layer_checkpoint_dependencies"})
      if (const auto layers = root.group(name)) {
        new_kind_ = true;
        read_new(*layers);
        return;
      }
    const auto inside = root.group("model_weights");
    const formats::Hdf5Group weights = inside ? *inside : root;
    if (!weights.attribute("layer_names") && !weights.attribute("layer_names0"))
      file.fail("expected a Keras model (groups layers or model_weights, or an attribute layer_names), got groups " +
                list(root));
    const auto backend = weights.attribute("backend");
    flipped_ = backend && backend->strings == std::vector<std::string>{"theano"};
    refuse_keras_1(weights);
    read_old(weights);
  }

  /// The arrays of a layer of a config.
  const KerasArrays& of(const KerasWeightsOf& layer) const {
    for (const KerasArrays& found : found_)
      if (new_kind_ ? found.class_name == snake_case(layer.class_name) && found.number == layer.number
                    : found.name == layer.name)
        return found;
    throw FormatError("layer \"" + layer.name + "\" (" + layer.class_name + "): its weights are not in the file");
  }
  const std::vector<KerasArrays>& all() const { return found_; }

  /// Theano's convolutions turned their kernels around.
  bool flipped() const { return flipped_; }

 private:
  const formats::Hdf5File& file_;
  bool new_kind_ = false, flipped_ = false;
  std::vector<KerasArrays> found_;

  static std::string list(const formats::Hdf5Group& group) {
    std::string text;
    for (const std::string& name : group.names()) {
      if (text.size() > 100) return text + ", ...";
      text += (text.empty() ? "" : ", ") + name;
    }
    return text.empty() ? "none" : text;
  }

  /// The strings of an attribute that Keras cuts into name0, name1, ... where it is larger than 64 KiB.
  static std::vector<std::string> strings(const formats::Hdf5Group& group, const std::string& name) {
    if (const auto whole = group.attribute(name)) return whole->strings;
    std::vector<std::string> all;
    for (int part = 0;; ++part) {
      const auto found = group.attribute(name + std::to_string(part));
      if (!found) return all;
      all.insert(all.end(), found->strings.begin(), found->strings.end());
    }
  }

  void refuse_keras_1(const formats::Hdf5Group& weights) const {
    const auto version = weights.attribute("keras_version"), root_version = file_.root().attribute("keras_version");
    for (const auto* found : {&version, &root_version})
      if (*found && !(*found)->strings.empty() && (*found)->strings[0].starts_with("1."))
        file_.fail("written by Keras " + (*found)->strings[0] +
                   "; expected 2.0 or newer: load and save it with Keras 2");
  }

  void read_old(const formats::Hdf5Group& weights) {
    for (const std::string& layer : strings(weights, "layer_names")) {
      const auto group = weights.group(layer);
      if (!group) file_.fail("layer \"" + layer + "\" is in layer_names, and has no group");
      KerasArrays found{layer, "", 0, {}};
      for (const std::string& name : strings(*group, "weight_names")) {
        const auto array = group->dataset(name);
        if (!array) file_.fail("layer \"" + layer + "\": its array \"" + name + "\" is not in the file");
        found.arrays.push_back(*array);
      }
      found_.push_back(std::move(found));
    }
  }

  /// conv2d_10 -> conv2d and 10; no number is 0.
  static std::pair<std::string, std::size_t> numbered(const std::string& group) {
    const std::size_t cut = group.rfind('_');
    std::size_t number = 0;
    if (cut != std::string::npos) {
      const char *first = group.data() + cut + 1, *last = group.data() + group.size();
      const auto [end, error] = std::from_chars(first, last, number);
      if (error == std::errc{} && end == last) return {group.substr(0, cut), number};
    }
    return {group, 0};
  }

  void read_new(const formats::Hdf5Group& layers) {
    for (const std::string& name : layers.names()) {
      const auto layer = layers.group(name);
      const auto vars = layer ? layer->group("vars") : std::nullopt;
      const auto [class_name, number] = numbered(name);
      KerasArrays found{name, class_name, number, {}};
      for (int i = 0; vars; ++i) {
        const auto array = vars->dataset(std::to_string(i));
        if (!array) break;
        found.arrays.push_back(*array);
      }
      found_.push_back(std::move(found));
    }
    std::sort(found_.begin(), found_.end(), [](const KerasArrays& a, const KerasArrays& b) {
      return a.class_name != b.class_name ? a.class_name < b.class_name : a.number < b.number;
    });
  }
};

/// Turns a kernel [h, w, in, out] by 180 degrees.
[[gnu::cold]] inline void flip_kernel(Array& kernel) {
  const std::size_t pixels = kernel.shape[0] * kernel.shape[1], size = pixels ? kernel.values.size() / pixels : 0;
  for (std::size_t pixel = 0; pixel < pixels / 2; ++pixel)
    std::swap_ranges(kernel.values.begin() + std::ptrdiff_t(pixel * size),
                     kernel.values.begin() + std::ptrdiff_t((pixel + 1) * size),
                     kernel.values.begin() + std::ptrdiff_t((pixels - 1 - pixel) * size));
}

/// The weights of `node`, which reads `channels`: the arrays of the file, checked, and gamma 1 and beta 0 where Keras
/// leaves them out (`scale`, `center`).
[[gnu::cold]] inline void read_weights(Node& node, int channels, bool scale, bool center, const KerasArrays& found,
                                       const KerasWeightsReader& weights, const formats::Hdf5File& file) {
  const std::vector<ArrayShape> expected = weights_of(node.layer, {1, 1, channels});
  const std::size_t count = expected.size() - std::size_t(!scale) - std::size_t(!center);
  if (found.arrays.size() != count)
    throw FormatError(where(node) + ": expected " + std::to_string(count) + " weight arrays, got " +
                      std::to_string(found.arrays.size()));
  std::size_t next = 0;
  for (const ArrayShape& array : expected) {
    if ((array.name == "gamma" && !scale) || (array.name == "beta" && !center)) {
      const float value = array.name == "gamma" ? 1 : 0;
      node.weights.push_back({array.name, array.shape, std::vector<float>(array.shape[0], value)});
      continue;
    }
    const formats::Hdf5Dataset& dataset = found.arrays[next++];
    if (dataset.shape != array.shape)
      throw FormatError(where(node) + ": " + array.name + " (" + dataset.path + "): expected " +
                        formats::to_string(array.shape) + ", got " + formats::to_string(dataset.shape));
    node.weights.push_back({array.name, dataset.shape, std::vector<float>(dataset.elements())});
    formats::convert(file, dataset, std::span<float>(node.weights.back().values));
  }
  if (weights.flipped() && std::holds_alternative<Conv2DLayer>(node.layer)) flip_kernel(node.weights[0]);
}

/// Fills in the weights of a network that was read from a config.
[[gnu::cold]] inline void fill_weights(KerasConfig& config, const KerasWeightsReader& weights,
                                       const formats::Hdf5File& file) {
  for (const KerasWeightsOf& layer : config.weights) {
    Node& node = config.network.nodes[layer.node];
    const Shape in = config.network.nodes[node.inputs[0]].output;
    read_weights(node, in.channels, layer.scale, layer.center, weights.of(layer), weights, file);
  }
}

/// Is one of the layer's arrays called so? The new kind has numbers in place of names.
inline bool has_array(const KerasArrays& layer, const std::string& name) {
  return std::any_of(layer.arrays.begin(), layer.arrays.end(), [&](const formats::Hdf5Dataset& array) {
    const std::string_view path(array.path);
    return path.ends_with("/" + name) || path.ends_with("/" + name + ":0");
  });
}

/// A file of weights only: what its arrays tell of its layers.
[[gnu::cold]] inline Network weights_only(const KerasWeightsReader& weights, const formats::Hdf5File& file) {
  Network network;
  network.has_graph = false;
  for (const KerasArrays& layer : weights.all()) {
    if (layer.arrays.empty()) continue;
    const auto& shape = layer.arrays[0].shape;
    const std::size_t count = layer.arrays.size();
    const bool fits = std::all_of(shape.begin(), shape.end(),
                                  [](std::size_t n) { return n > 0 && n <= std::size_t(most_of_a_size); });
    bool scale = true, center = true;
    Node node{.name = layer.name};
    if (fits && shape.size() == 4 && count <= 2 && shape[0] == shape[1]) {
      node.layer = Conv2DLayer{.filters = int(shape[3]), .kernel = int(shape[0]), .bias = count == 2};
    } else if (fits && shape.size() == 2 && count <= 2) {
      node.layer = DenseLayer{.units = int(shape[1]), .bias = count == 2};
    } else if (fits && shape.size() == 1 && (count == 4 || has_array(layer, "moving_mean"))) {
      node.layer = BatchNormLayer{.epsilon = std::numeric_limits<float>::quiet_NaN()};
      scale = count == 4 || has_array(layer, "gamma");
      center = count == 4 || has_array(layer, "beta");
    } else {
      throw FormatError("layer \"" + layer.name + "\": expected the weights of a Conv2D, Dense or BatchNorm, got " +
                        std::to_string(count) + " arrays, the first " + formats::to_string(shape));
    }
    const std::size_t channels = shape.size() == 4 ? shape[2] : shape[0];
    read_weights(node, int(channels), scale, center, layer, weights, file);
    network.nodes.push_back(std::move(node));
  }
  if (network.nodes.empty()) throw FormatError("expected layers with weights, got none");
  return network;
}

}  // namespace ferlab::exchange::detail
