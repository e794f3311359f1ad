// SPDX-License-Identifier: MIT
// A network as ONNX that every runtime reads: ONNX Runtime, OpenCV's dnn, and ferlab. Opset 17, IR 8. Inside, images
// are [n, c, h, w], as ONNX has no other convolution; outside they are [n, h, w, c], as ferlab's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/exchange/layouts.hpp"
#include "ferlab/exchange/network.hpp"
#include "ferlab/exchange/shapes.hpp"
#include "ferlab/formats/onnx_writer.hpp"
#include "ferlab/layers/window.hpp"

namespace ferlab::exchange {

struct OnnxOptions {
  bool preprocessing = false;  ///< save_onnx: the model's preprocessing is the first layer, and the input is raw pixels
  bool uint8_input = false;    ///< the input is of uint8, cast to float first
};

namespace detail {

/// Whether the features of a flattened image get into a layer that must have them in their order, or out: then they
/// are written in ferlab's order, [h, w, c]. Else it is cheaper to reorder the weights of the layers that read them.
[[gnu::cold]] inline bool keeps_feature_order(const Network& network) {
  const auto reads_image = [&](std::size_t from) {
    Node reader;
    reader.inputs = {from};
    return flattened_image(network, reader).has_value();
  };
  for (const Node& node : network.nodes)
    if (std::holds_alternative<AddLayer>(node.layer) || std::holds_alternative<SoftmaxLayer>(node.layer))
      for (const std::size_t from : node.inputs)
        if (reads_image(from)) return true;
  return reads_image(network.nodes.size() - 1);
}

class OnnxNetworkWriter {
 public:
  OnnxNetworkWriter(const Network& network, OnnxOptions options) : network_(network), options_(options) {
    if (!network.has_graph || network.nodes.empty() || !std::holds_alternative<InputLayer>(network.nodes[0].layer))
      throw FormatError("write_onnx: expected a network from its input to its output, got weights only");
    const auto has_windows = [&] {
      for (const Node& node : network.nodes)
        if (std::holds_alternative<Conv2DLayer>(node.layer) || std::holds_alternative<MaxPoolLayer>(node.layer) ||
            std::holds_alternative<AveragePoolLayer>(node.layer) ||
            std::holds_alternative<GlobalAveragePoolLayer>(node.layer))
          return true;
      return false;
    };
    flat_input_ = network.nodes[0].output.is_flat() && !has_windows();
    reorders_weights_ = !network.flattens_channels_first && !keeps_feature_order(network);
  }

  std::string bytes() {
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      const Node& node = network_.nodes[i];
      for (const std::size_t from : node.inputs)
        if (from >= i) throw FormatError(where(node) + ": expected to read what comes before it");
      if (const Shape output = output_of(network_, node); output != node.output)
        throw FormatError(where(node) + ": expected an output " + to_string(output) + ", got " +
                          to_string(node.output));
      check_weights(network_, node);
      at_ = i;
      name_ = unique(node.name.empty() ? "layer_" + std::to_string(i) : node.name);
      std::visit([&](const auto& layer) { write(node, layer); }, node.layer);
    }
    const Value& last = values_.back();
    if (last.is_flat)
      onnx_.node("Identity", unique("output"), {last.name}, "output");
    else
      onnx_.node("Transpose", unique("output/channels_last"), {last.name}, "output", {{"perm", {0, 2, 3, 1}}});
    const Shape out = network_.nodes.back().output;
    onnx_.output("output", dims(out, last.is_flat));
    for (const auto& [key, value] : network_.metadata) onnx_.metadata(key, value);
    return onnx_.bytes("ferlab", 8, 17);
  }

 private:
  /// What a layer gives, in the file.
  struct Value {
    std::string name;
    bool is_flat = false;  ///< [n, c], else [n, c, h, w]
  };

  const Network& network_;
  OnnxOptions options_;
  bool flat_input_ = false, reorders_weights_ = false;
  formats::OnnxWriter onnx_;
  std::vector<Value> values_;  ///< of each layer so far
  std::size_t at_ = 0;         ///< the layer that is being written
  std::string name_;           ///< its name in the file
  std::set<std::string> names_{"input", "output"};

  std::string unique(const std::string& wanted) {
    std::string name = wanted;
    for (int i = 2; !names_.insert(name).second; ++i) name = wanted + "_" + std::to_string(i);
    return name;
  }
  static std::vector<std::int64_t> dims(Shape s, bool flat) {
    if (flat) return {-1, s.channels};
    return {-1, s.height, s.width, s.channels};
  }
  const Value& input(std::size_t k = 0) const { return values_[network_.nodes[at_].inputs[k]]; }
  Shape input_shape() const { return network_.nodes[network_.nodes[at_].inputs[0]].output; }

  /// Input k as [n, c].
  std::string flat_input(std::size_t k = 0) {
    if (input(k).is_flat) return input(k).name;
    const std::string name = unique(name_ + "/flatten");
    onnx_.node("Flatten", name, {input(k).name}, name, {{"axis", 1}});
    return name;
  }
  std::string weight(const Array& array) {
    std::vector<std::int64_t> shape(array.shape.begin(), array.shape.end());
    return onnx_.initializer(unique(name_ + "/" + array.name), shape, array.values);
  }
  /// A weight whose first axis is the features that the layer reads.
  std::string feature_weight(const Array& array, bool transposed) {
    const auto image = reorders_weights_ ? flattened_image(network_, network_.nodes[at_]) : std::nullopt;
    const Array ordered = image ? channels_first_features(array, *image) : array;
    return weight(transposed ? out_first(ordered) : ordered);
  }
  std::string number(const char* what, float value) {
    const std::int64_t shape[] = {1};
    return onnx_.initializer(unique(name_ + "/" + what), shape, {&value, 1});
  }
  void node(const char* op, std::vector<std::string> inputs, bool is_flat,
            std::vector<formats::OnnxWriter::Attribute> attributes = {}) {
    onnx_.node(op, name_, inputs, name_, attributes);
    values_.push_back({name_, is_flat});
  }

  std::vector<formats::OnnxWriter::Attribute> windows(int size, int stride, Padding padding) const {
    const auto pad = [&](int n) {
      const int total = (ferlab::detail::window_count(n, size, stride, padding) - 1) * stride + size - n;
      const int before = ferlab::detail::window_padding(n, size, stride, padding);
      return std::pair<std::int64_t, std::int64_t>(before, padding == Padding::same ? std::max(total, 0) - before : 0);
    };
    const auto [top, bottom] = pad(input_shape().height);
    const auto [left, right] = pad(input_shape().width);
    return {{"kernel_shape", {size, size}}, {"strides", {stride, stride}}, {"pads", {top, left, bottom, right}}};
  }

  void write(const Node&, const InputLayer& layer) {
    std::string value = "input";
    onnx_.input(value, dims(layer.shape, flat_input_), options_.uint8_input);
    if (options_.uint8_input) {
      const std::string floats = unique("input/float");
      onnx_.node("Cast", floats, {value}, floats, {{"to", std::int64_t(formats::onnx::Type::FLOAT)}});
      value = floats;
    }
    if (!flat_input_) {
      const std::string channels_first = unique("input/channels_first");
      onnx_.node("Transpose", channels_first, {value}, channels_first, {{"perm", {0, 3, 1, 2}}});
      value = channels_first;
    }
    values_.push_back({value, flat_input_});
  }
  void write(const Node&, const RescalingLayer& layer) {
    const bool is_flat = input().is_flat;
    onnx_.node("Mul", name_, {input().name, number("scale", layer.scale)}, name_);
    const std::string sum = unique(name_ + "/sum");
    onnx_.node("Add", sum, {name_, number("offset", layer.offset)}, sum);
    values_.push_back({sum, is_flat});
  }
  void write(const Node& layer_node, const Conv2DLayer& layer) {
    std::vector<std::string> inputs{input().name, weight(out_first(layer_node.weights[0]))};
    if (layer.bias) inputs.push_back(weight(layer_node.weights[1]));
    node("Conv", inputs, false, windows(layer.kernel, layer.stride, layer.padding));
  }
  void write(const Node& layer_node, const DenseLayer& layer) {
    std::vector<std::string> inputs{flat_input(), feature_weight(layer_node.weights[0], true)};
    if (layer.bias) inputs.push_back(weight(layer_node.weights[1]));
    node("Gemm", inputs, true, {{"transB", 1}});
  }
  void write(const Node& layer_node, const BatchNormLayer& layer) {
    std::vector<std::string> inputs{input().name};
    for (const Array& array : layer_node.weights) inputs.push_back(feature_weight(array, false));
    node("BatchNormalization", inputs, input().is_flat, {{"epsilon", layer.epsilon}, {"momentum", layer.momentum}});
  }
  void write(const Node&, const ReLULayer&) { node("Relu", {input().name}, input().is_flat); }
  void write(const Node&, const SoftmaxLayer&) { node("Softmax", {flat_input()}, true, {{"axis", 1}}); }
  void write(const Node&, const DropoutLayer&) { values_.push_back(Value(input())); }  // nothing in prediction
  void write(const Node&, const MaxPoolLayer& layer) {
    node("MaxPool", {input().name}, false, windows(layer.window, layer.stride, layer.padding));
  }
  void write(const Node&, const AveragePoolLayer& layer) {
    auto attributes = windows(layer.window, layer.stride, layer.padding);
    attributes.push_back({"count_include_pad", 0});
    node("AveragePool", {input().name}, false, attributes);
  }
  void write(const Node&, const GlobalAveragePoolLayer&) {
    onnx_.node("GlobalAveragePool", name_, {input().name}, name_);
    const std::string flat = unique(name_ + "/flatten");
    onnx_.node("Flatten", flat, {name_}, flat, {{"axis", 1}});
    values_.push_back({flat, true});
  }
  void write(const Node&, const FlattenLayer&) {
    std::string value = input().name;
    if (input().is_flat) return values_.push_back({value, true});
    if (!network_.flattens_channels_first && !reorders_weights_) {
      const std::string channels_last = unique(name_ + "/channels_last");
      onnx_.node("Transpose", channels_last, {value}, channels_last, {{"perm", {0, 2, 3, 1}}});
      value = channels_last;
    }
    node("Flatten", {value}, true, {{"axis", 1}});
  }
  void write(const Node&, const AddLayer&) {
    const bool is_flat = input(0).is_flat || input(1).is_flat;
    if (is_flat)
      node("Add", {flat_input(0), flat_input(1)}, true);
    else
      node("Add", {input(0).name, input(1).name}, false);
  }
};

}  // namespace detail

/// The bytes of an ONNX file with `input` [n, h, w, c], or [n, c] for flat data, and `output`. Dropout is left out.
/// FormatError, with the layer, for a network that does not fit together; ArgumentError for one of 2 GiB and more,
/// which no ONNX file can hold.
[[gnu::cold]] inline std::string write_onnx(const Network& network, OnnxOptions options = {}) {
  return detail::OnnxNetworkWriter(network, options).bytes();
}

}  // namespace ferlab::exchange
