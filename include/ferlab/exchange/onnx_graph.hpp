// SPDX-License-Identifier: MIT
// What is known while an ONNX graph is followed, node by node: the constants, the values that depend on the network's
// input, and the layers found so far.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ferlab/exchange/network.hpp"
#include "ferlab/exchange/onnx_constant.hpp"
#include "ferlab/exchange/shapes.hpp"
#include "ferlab/formats/onnx.hpp"

namespace ferlab::exchange::detail {

namespace onnx = formats::onnx;

/// A value that depends on the network's input: what a layer gives, possibly with its axes in another order, and with
/// what a layer further down takes as a part of itself.
struct Data {
  std::size_t layer = 0;          ///< place in Network::nodes
  std::string axes;               ///< "NCHW", "NHWC", "NC": the meaning of each axis; an axis of 1 may be missing
  std::vector<std::size_t> dims;  ///< of each axis; the batch is 1 if the file leaves it open
  bool flat = false;              ///< to make it [n, c] takes no Flatten: it is what a Dense or a global pool gives
  bool bytes = false;             ///< of integers, as the input may be until a Cast
  bool read_once = true;          ///< one node alone reads what the layer gives

  /// A Pad's zeros around it, which a convolution takes: top, left, bottom, right.
  std::optional<std::array<std::int64_t, 4>> border;

  /// times scale plus offset for each channel: a Rescaling, a BatchNorm, a bias.
  struct Affine {
    std::string name;
    std::vector<double> scale, offset;
  };
  std::optional<Affine> affine;

  /// The place of the axis of that meaning; npos if there is none.
  std::size_t axis(char meaning) const { return axes.find(meaning); }
};

class OnnxGraph {
 public:
  using Value = std::variant<const onnx::Tensor*, Constant, Data>;

  Network network;
  const onnx::Model& model;
  std::optional<bool> flattens_channels_first;  ///< nothing until a Flatten that can tell

  OnnxGraph(const onnx::Model& m, const std::string& name, std::size_t file_bytes)
      : model(m), name_(name), elements_left_(4 * file_bytes + (1 << 16)) {
    for (const onnx::Tensor& tensor : m.initializers) values_[tensor.name] = &tensor;
    for (const onnx::Node& node : m.nodes)
      for (const std::string& input : node.inputs) ++reads_[input];
    for (const onnx::ValueInfo& output : m.outputs) ++reads_[output.name];
  }

  // --- errors

  [[noreturn, gnu::cold]] void fail(const std::string& what) const { throw FormatError(name_ + ": " + what); }
  [[noreturn, gnu::cold]] void fail(const onnx::Node& node, const std::string& what) const {
    fail("node \"" + called(node) + "\" (" + node.op_type + "): " + what);
  }
  /// The node's name; an exporter may leave it out, but not its output's.
  static const std::string& called(const onnx::Node& node) {
    return node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name;
  }

  // --- attributes

  std::int64_t integer(const onnx::Node& node, std::string_view name, std::int64_t otherwise) const {
    const onnx::Attribute* found = node.find(name);
    return found ? found->i : otherwise;
  }
  std::vector<std::int64_t> integers(const onnx::Node& node, std::string_view name,
                                     std::vector<std::int64_t> otherwise) const {
    const onnx::Attribute* found = node.find(name);
    return found ? found->ints : otherwise;
  }
  float number(const onnx::Node& node, std::string_view name, float otherwise) const {
    const onnx::Attribute* found = node.find(name);
    return found ? found->f : otherwise;
  }
  /// FormatError if the attribute says anything else.
  void require(const onnx::Node& node, std::string_view name, std::int64_t expected, std::int64_t otherwise) const {
    if (const std::int64_t found = integer(node, name, otherwise); found != expected)
      fail(node, "expected " + std::string(name) + " " + std::to_string(expected) + ", got " + std::to_string(found));
  }

  // --- values

  bool has_input(const onnx::Node& node, std::size_t i) const {
    return i < node.inputs.size() && !node.inputs[i].empty();
  }
  bool is_data(const onnx::Node& node, std::size_t i) {
    return has_input(node, i) && std::holds_alternative<Data>(value(node, i));
  }
  bool all_constant(const onnx::Node& node) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (is_data(node, i)) return false;
    return true;
  }
  Value& value(const onnx::Node& node, std::size_t i) {
    if (!has_input(node, i)) fail(node, "expected input " + std::to_string(i) + ", there is none");
    const auto found = values_.find(node.inputs[i]);
    if (found == values_.end()) fail(node, "its input \"" + node.inputs[i] + "\" is given by no node before it");
    return found->second;
  }

  const Constant& constant(const onnx::Node& node, std::size_t i) {
    Value& found = value(node, i);
    if (std::holds_alternative<Data>(found))
      fail(node, "expected input " + std::to_string(i) + " to be constant, \"" + node.inputs[i] +
                     "\" depends on the network's input");
    if (const auto* tensor = std::get_if<const onnx::Tensor*>(&found)) found = constant_of(**tensor);
    return std::get<Constant>(found);
  }
  Constant constant_of(const onnx::Tensor& tensor) {
    spend(tensor.elements());
    Constant out{tensor.dims, {}, onnx::is_integer(tensor.type)};
    out.values.reserve(tensor.elements());
    for (std::size_t e = 0; e < tensor.elements(); ++e) out.values.push_back(tensor[e]);
    return out;
  }

  /// As it stands, with what waits for a layer that takes it.
  Data& unfinished(const onnx::Node& node, std::size_t i = 0) {
    Value& found = value(node, i);
    if (!std::holds_alternative<Data>(found))
      fail(node, "expected input " + std::to_string(i) + " to depend on the network's input, \"" + node.inputs[i] +
                     "\" is constant");
    return std::get<Data>(found);
  }
  /// What waited has become layers, apart from a border.
  Data& padded_data(const onnx::Node& node) {
    Data& found = unfinished(node);
    if (found.bytes) fail(node, "expected a Cast to float first: the network's input is of integers");
    finish(found);
    return found;
  }
  /// What waited has become layers.
  Data& data(const onnx::Node& node) {
    Data& found = padded_data(node);
    if (found.border) fail(node, "expected no Pad before it: zeros around an image can be a Conv's only");
    return found;
  }
  /// Makes a layer of what is to be multiplied and added.
  void finish(Data& data) {
    if (!data.affine) return;
    const Data::Affine affine = *std::exchange(data.affine, {});
    const Node& before = network.nodes[data.layer];
    const auto same = [](const std::vector<double>& values) {
      for (const double value : values)
        if (value != values[0]) return false;
      return true;
    };
    if (std::holds_alternative<InputLayer>(before.layer) && same(affine.scale) && same(affine.offset)) {
      add(data, affine.name, RescalingLayer{float(affine.scale[0]), float(affine.offset[0])});
      return;
    }
    BatchNormLayer layer;
    const std::size_t c = affine.scale.size();
    add(data, affine.name, layer,
        {{"gamma", {c}, {affine.scale.begin(), affine.scale.end()}},
         {"beta", {c}, {affine.offset.begin(), affine.offset.end()}},
         {"moving_mean", {c}, std::vector<float>(c, 0.0f)},
         {"moving_variance", {c}, std::vector<float>(c, 1 - layer.epsilon)}});
  }

  /// Makes `value` the node's output.
  void set(const onnx::Node& node, Value value) {
    if (node.outputs.empty()) fail(node, "it has no output");
    set(node.outputs[0], std::move(value));
  }
  void set(const std::string& name, Value value) {
    if (auto* data = std::get_if<Data>(&value)) {
      data->read_once &= reads_[name] == 1;
      if (data->affine) spend(2 * data->affine->scale.size());
    }
    values_[name] = std::move(value);
  }
  /// Of that name; nullptr if there is none.
  Value* find(const std::string& name) {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }

  // --- layers

  Shape shape(const Data& data) const { return network.nodes[data.layer].output; }

  /// A layer that works on `data`, and on the layers `others`; `data` is then what it gives.
  void add(Data& data, const std::string& name, Layer layer, std::vector<Array> weights = {},
           const std::vector<std::size_t>& others = {}) {
    Node node{name, std::move(layer), {data.layer}, std::move(weights), {}};
    node.inputs.insert(node.inputs.end(), others.begin(), others.end());
    try {
      node.output = output_of(network, node);
    } catch (const FormatError& error) {
      fail(error.what());
    }
    network.nodes.push_back(std::move(node));
    data.layer = network.nodes.size() - 1;
    data.read_once = true;
  }

  /// Counts what is made of the file: a small one must not grow without bounds.
  void spend(std::size_t elements) {
    if (elements > elements_left_) fail("its constants grow beyond all bounds when they are computed");
    elements_left_ -= elements;
  }

 private:
  const std::string& name_;
  std::size_t elements_left_;
  std::map<std::string, Value> values_;
  std::map<std::string, int> reads_;  ///< of each value, by nodes and as the graph's output
};

/// The constant as an array of a layer's.
inline Array array_of(std::string name, const Constant& from) {
  return {std::move(name), from.dims, {from.values.begin(), from.values.end()}};
}

/// "[3, 3, 64]"
inline std::string to_text(const auto& numbers) {
  std::string text = "[";
  for (const auto& n : numbers) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
  return text + "]";
}

}  // namespace ferlab::exchange::detail
