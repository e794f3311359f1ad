// SPDX-License-Identifier: MIT
// PyTorch's state_dict in a safetensors file. Names and layouts follow one rule: layer number i of the network, counted
// from 0 with those that have no weights, is module i of an nn.Sequential; Conv2D and Dense have "i.weight" and
// "i.bias", BatchNorm "i.weight", "i.bias", "i.running_mean", "i.running_var", "i.num_batches_tracked".
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/exchange/layouts.hpp"
#include "ferlab/exchange/shapes.hpp"
#include "ferlab/exchange/to_network.hpp"
#include "ferlab/formats/safetensors.hpp"

namespace ferlab::exchange {

struct PyTorchOptions {
  /// Of PyTorch's BatchNorms, which a state_dict does not hold; their default is 1e-5. None: the same as the model's.
  std::optional<float> epsilon{};
};

/// Writes the file whole or not at all. Throws IoError; FormatError for a network that is no chain.
[[gnu::cold]] inline void write_pytorch(const std::string& path, const Network& network, PyTorchOptions options = {}) {
  std::vector<Array> arrays;
  std::vector<formats::TensorView> tensors;
  const std::int64_t batches = 0;
  int module = 0;
  for (const Node& node : network.nodes) {
    if (std::holds_alternative<InputLayer>(node.layer)) continue;
    if (node.inputs.size() != 1)
      throw FormatError(path + ": " + where(node) + ": a state_dict of an nn.Sequential has no branches");
    const std::string prefix = std::to_string(module++) + ".";
    const auto image = flattened_image(network, node);
    const auto* norm = std::get_if<BatchNormLayer>(&node.layer);
    for (std::size_t i = 0; i < node.weights.size(); ++i) {
      Array array = node.weights[i];
      if (image && (i == 0 || norm)) array = channels_first_features(array, *image);
      if (i == 0 && !norm) array = out_first(array);
      const char* names[] = {"weight", "bias", "running_mean", "running_var"};
      array.name = prefix + names[i];
      if (norm && i == 3 && options.epsilon) exchange_epsilon(array, norm->epsilon, *options.epsilon);
      arrays.push_back(std::move(array));
    }
    if (norm) tensors.push_back({prefix + "num_batches_tracked", formats::DType::I64, {}, &batches});
  }
  for (const Array& array : arrays)
    tensors.push_back({array.name, formats::DType::F32, array.shape, array.values.data()});
  formats::Metadata metadata = network.metadata;
  metadata["format"] = "pt";
  formats::write_safetensors(path, tensors, metadata);
}

namespace detail {

/// "features.10.weight" -> "features.", 10, ".weight": names compare by numbers where they have them.
struct ByNumber {
  static std::pair<std::string_view, std::string_view> split(std::string_view text) {
    const bool digits = std::isdigit(static_cast<unsigned char>(text[0])) != 0;
    std::size_t n = 0;
    while (n < text.size() && (std::isdigit(static_cast<unsigned char>(text[n])) != 0) == digits) ++n;
    return {text.substr(0, n), text.substr(n)};
  }
  bool operator()(std::string_view a, std::string_view b) const {
    while (!a.empty() && !b.empty()) {
      const auto [x, a_rest] = split(a);
      const auto [y, b_rest] = split(b);
      const bool numbers =
          std::isdigit(static_cast<unsigned char>(x[0])) && std::isdigit(static_cast<unsigned char>(y[0]));
      if (numbers && x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
      a = a_rest, b = b_rest;
    }
    return a.size() < b.size();
  }
};

/// The words of a name, its numbers left out.
inline std::string without_numbers(std::string_view name) {
  std::string words;
  for (char c : name) words += std::isdigit(static_cast<unsigned char>(c)) ? '#' : c;
  words.erase(std::unique(words.begin(), words.end(), [](char a, char b) { return a == '#' && b == '#'; }),
              words.end());
  return words;
}

/// Where two layers have the same shapes, only their names tell which comes first; words do not.
[[gnu::cold]] inline void refuse_ambiguous_names(const Network& network) {
  for (const Node& a : network.nodes)
    for (const Node& b : network.nodes) {
      if (&a >= &b || a.layer.index() != b.layer.index() || a.weights.size() != b.weights.size()) continue;
      bool same = true;
      for (std::size_t i = 0; i < a.weights.size(); ++i) same = same && a.weights[i].shape == b.weights[i].shape;
      if (same && without_numbers(a.name) != without_numbers(b.name))
        throw FormatError("the order of \"" + a.name + "\" and \"" + b.name +
                          "\", two layers of the same shapes, cannot be told from their names; expected names that "
                          "differ in numbers, as those of an nn.Sequential");
    }
}

}  // namespace detail

/// A state_dict of any module names: layers are matched by type, shape, and the order of the numbers in their names.
/// Throws FormatError.
[[gnu::cold]] inline Network read_pytorch(const formats::SafetensorsFile& file, PyTorchOptions options = {}) {
  std::map<std::string, std::map<std::string, const formats::TensorView*>, detail::ByNumber> modules;
  for (const formats::TensorView& tensor : file.tensors()) {
    const std::size_t dot = tensor.name.rfind('.');
    if (dot == std::string::npos || dot == 0)
      file.fail("expected names such as \"0.weight\", as in a state_dict of PyTorch, got \"" + tensor.name + "\"");
    modules[tensor.name.substr(0, dot)][tensor.name.substr(dot + 1)] = &tensor;
  }
  Network network;
  network.has_graph = network.in_order = false;
  network.flattens_channels_first = true;
  for (const auto& [name, tensors] : modules) {
    Node node{.name = name};
    const auto take = [&](const char* key, const char* keras_name) {
      const auto found = tensors.find(key);
      if (found == tensors.end()) return false;
      Array array{keras_name, found->second->shape, std::vector<float>(found->second->elements())};
      formats::convert(file, *found->second, std::span<float>(array.values));
      node.weights.push_back(std::move(array));
      return true;
    };
    std::size_t used = 0;
    if (tensors.count("running_mean")) {
      node.layer = BatchNormLayer{.epsilon = options.epsilon.value_or(std::numeric_limits<float>::quiet_NaN())};
      for (const auto& [key, keras_name] : {std::pair{"weight", "gamma"},
                                            {"bias", "beta"},
                                            {"running_mean", "moving_mean"},
                                            {"running_var", "moving_variance"}}) {
        if (!take(key, keras_name)) file.fail("BatchNorm \"" + name + "\": expected " + key + ", got none");
        ++used;
      }
      used += tensors.count("num_batches_tracked");
    } else if (take("weight", "kernel")) {
      const bool bias = take("bias", "bias");
      const std::vector<std::size_t>& s = node.weights[0].shape;
      const bool fits =
          std::all_of(s.begin(), s.end(), [](std::size_t n) { return n > 0 && n <= std::size_t(most_of_a_size); });
      if (s.size() == 4 && s[2] == s[3] && fits)
        node.layer = Conv2DLayer{.filters = int(s[0]), .kernel = int(s[2]), .bias = bias};
      else if (s.size() == 2 && fits)
        node.layer = DenseLayer{.units = int(s[0]), .bias = bias};
      else
        file.fail("\"" + name + ".weight\": expected [out, in, k, k] or [out, in], got " + formats::to_string(s));
      node.weights[0] = out_last(node.weights[0]);
      used = 1 + std::size_t(bias);
    }
    if (used != tensors.size())
      file.fail("\"" + name + "\": expected the tensors of a Conv2D, Dense or BatchNorm, got \"" +
                tensors.begin()->first + "\" and " + std::to_string(tensors.size() - 1) + " more");
    network.nodes.push_back(std::move(node));
  }
  try {
    detail::refuse_ambiguous_names(network);
  } catch (const FormatError& error) {
    file.fail(error.what());
  }
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(metadata_prefix)) network.metadata[key] = value;
  return network;
}

}  // namespace ferlab::exchange
