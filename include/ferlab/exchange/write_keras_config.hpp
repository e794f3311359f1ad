// SPDX-License-Identifier: MIT
// A Network as the config of a Keras model, in two dialects: the one of full .h5 files, which Keras 2.0 to 3.15 load,
// and the one of .keras. Only fields that say something are written: each Keras refuses those that it does not know.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "ferlab/core/compat.hpp"
#include "ferlab/exchange/network.hpp"
#include "ferlab/formats/json.hpp"

namespace ferlab::exchange::detail {

/// Appends members of a JSON object.
class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value) { return raw(key, formats::json_quoted(value)); }
  JsonObject& number(std::string_view key, int value) { return raw(key, std::to_string(value)); }
  JsonObject& number(std::string_view key, float value) {
    char digits[32];
    return raw(key, std::string_view(digits, compat::to_chars(digits, digits + sizeof digits, value).ptr));
  }
  JsonObject& boolean(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  /// [value, value]
  JsonObject& square(std::string_view key, int value) {
    return raw(key, "[" + std::to_string(value) + "," + std::to_string(value) + "]");
  }
  /// `json` is JSON already.
  JsonObject& raw(std::string_view key, std::string_view json) {
    members_ += members_.empty() ? "" : ",";
    members_ += formats::json_quoted(key);
    members_ += ':';
    members_ += json;
    return *this;
  }
  std::string json() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

/// "[null,11,9,3]"
inline std::string batch_shape(Shape s) {
  const std::string image = std::to_string(s.height) + "," + std::to_string(s.width) + ",";
  return "[null," + (s.is_flat() ? "" : image) + std::to_string(s.channels) + "]";
}

enum class KerasDialect { h5, archive };

/// The class and the config of one layer, but for its name.
class KerasLayerWriter {
 public:
  std::string class_name;
  JsonObject config;

  KerasLayerWriter(const Layer& layer, KerasDialect dialect) : dialect_(dialect) {
    std::visit([&](const auto& kind) { write(kind); }, layer);
  }

 private:
  KerasDialect dialect_;

  void padding(Padding padding) {
    config.text("padding", padding == Padding::same ? "same" : "valid").text("data_format", "channels_last");
  }
  void l2(float factor) {
    if (factor == 0) return;
    JsonObject numbers, regularizer;
    numbers.number("l2", factor);
    if (dialect_ == KerasDialect::archive) regularizer.text("module", "keras.regularizers").text("class_name", "L2");
    if (dialect_ == KerasDialect::h5) regularizer.text("class_name", "L1L2"), numbers.number("l1", 0);
    config.raw("kernel_regularizer", regularizer.raw("config", numbers.json()).json());
  }
  void activation(std::string_view name) {
    class_name = "Activation";
    config.text("activation", name);
  }

  void write(const InputLayer& layer) {
    class_name = "InputLayer";
    config.raw(dialect_ == KerasDialect::h5 ? "batch_input_shape" : "batch_shape", batch_shape(layer.shape));
    config.text("dtype", "float32");
    if (dialect_ == KerasDialect::h5) config.boolean("sparse", false);
  }
  void write(const RescalingLayer& layer) {
    class_name = "Rescaling";
    config.number("scale", layer.scale).number("offset", layer.offset);
  }
  void write(const Conv2DLayer& layer) {
    class_name = "Conv2D";
    config.number("filters", layer.filters).square("kernel_size", layer.kernel).square("strides", layer.stride);
    padding(layer.padding);
    config.boolean("use_bias", layer.bias);
    l2(layer.l2);
  }
  void write(const DenseLayer& layer) {
    class_name = "Dense";
    config.number("units", layer.units).boolean("use_bias", layer.bias);
    l2(layer.l2);
  }
  void write(const BatchNormLayer& layer) {
    class_name = "BatchNormalization";
    config.number("epsilon", layer.epsilon).number("momentum", layer.momentum);
  }
  // Keras 2.0 knows no layers ReLU and Softmax.
  void write(const ReLULayer&) { activation("relu"); }
  void write(const SoftmaxLayer&) { activation("softmax"); }
  void write(const DropoutLayer& layer) {
    class_name = "Dropout";
    config.number("rate", layer.rate);
  }
  template <class Pool>
  void pool(const char* name, const Pool& layer) {
    class_name = name;
    config.square("pool_size", layer.window).square("strides", layer.stride);
    padding(layer.padding);
  }
  void write(const MaxPoolLayer& layer) { pool("MaxPooling2D", layer); }
  void write(const AveragePoolLayer& layer) { pool("AveragePooling2D", layer); }
  void write(const GlobalAveragePoolLayer&) {
    class_name = "GlobalAveragePooling2D";
    config.text("data_format", "channels_last");
  }
  void write(const FlattenLayer&) { class_name = "Flatten"; }
  void write(const AddLayer&) { class_name = "Add"; }
};

/// What a layer of a functional model reads.
[[gnu::cold]] inline std::string inbound_nodes(const Network& network, const Node& node, KerasDialect dialect) {
  std::string inputs;
  for (std::size_t from : node.inputs) {
    const Node& input = network.nodes[from];
    const std::string name = formats::json_quoted(input.name);
    if (!inputs.empty()) inputs += ",";
    if (dialect == KerasDialect::h5) {
      inputs += "[" + name + ",0,0,{}]";
      continue;
    }
    JsonObject tensor, config;
    config.raw("shape", batch_shape(input.output)).text("dtype", "float32").raw("keras_history", "[" + name + ",0,0]");
    inputs += tensor.text("class_name", "__keras_tensor__").raw("config", config.json()).json();
  }
  if (node.inputs.empty()) return "[]";
  if (dialect == KerasDialect::h5) return "[[" + inputs + "]]";
  if (node.inputs.size() > 1) inputs = "[" + inputs + "]";
  return "[" + JsonObject().raw("args", "[" + inputs + "]").raw("kwargs", "{}").json() + "]";
}

/// The whole config of a functional model.
[[gnu::cold]] inline std::string keras_config(const Network& network, KerasDialect dialect) {
  const bool archive = dialect == KerasDialect::archive;
  std::string layers;
  for (const Node& node : network.nodes) {
    KerasLayerWriter writer(node.layer, dialect);
    writer.config.text("name", node.name);
    JsonObject layer;
    if (archive) layer.text("module", "keras.layers");
    layer.text("class_name", writer.class_name).raw("config", writer.config.json()).text("name", node.name);
    layer.raw("inbound_nodes", inbound_nodes(network, node, dialect));
    layers += (layers.empty() ? "" : ",") + layer.json();
  }
  const auto ends = [](const Node& node) { return "[[" + formats::json_quoted(node.name) + ",0,0]]"; };
  JsonObject config, model;
  config.text("name", "ferlab").raw("layers", "[" + layers + "]");
  config.raw("input_layers", ends(network.nodes.front())).raw("output_layers", ends(network.nodes.back()));
  if (archive) model.text("module", "keras.src.models.functional").text("class_name", "Functional");
  if (!archive) model.text("class_name", "Model");
  return model.raw("config", config.json()).json();
}

}  // namespace ferlab::exchange::detail
