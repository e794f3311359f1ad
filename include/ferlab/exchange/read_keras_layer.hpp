// SPDX-License-Identifier: MIT
// One layer of a Keras config as one or two of ours: Keras may keep an activation in the layer before it. Source of the
// fields and their defaults: Keras's layers/*.py, 2.0 to 3.15.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ferlab/exchange/keras_fields.hpp"

namespace ferlab::exchange::detail {

enum class DataFormat { unknown, channels_last, channels_first };

inline std::string_view to_string(DataFormat format) {
  return format == DataFormat::channels_first ? "channels_first" : "channels_last";
}

/// What a layer of Keras becomes, and what it says of the order of its axes.
struct KerasLayer {
  std::vector<Layer> layers;  ///< one after another; the weights are the first one's
  DataFormat data_format = DataFormat::unknown;
  int axis = -1;                     ///< of BatchNormalization
  bool scale = true, center = true;  ///< of BatchNormalization: are gamma and beta in the file?
};

class KerasLayerReader {
 public:
  KerasLayerReader(std::string_view class_name, const Json& config) : class_(class_name), fields_(config) {}

  /// Throws FormatError that says what is not supported; the caller adds the layer.
  KerasLayer read() {
    read_data_format();
    fields_.require_null("quantization_config");
    read_dtype();
    if (class_ == "Conv2D") {
      conv2d();
    } else if (class_ == "Dense") {
      push(DenseLayer{.units = fields_.integer("units"), .bias = fields_.boolean("use_bias", true), .l2 = l2()});
      activation("linear");
    } else if (class_ == "BatchNormalization") {
      batch_norm();
    } else if (class_ == "MaxPooling2D") {
      pool<MaxPoolLayer>();
    } else if (class_ == "AveragePooling2D") {
      pool<AveragePoolLayer>();
    } else if (class_ == "GlobalAveragePooling2D") {
      if (fields_.boolean("keepdims", false)) KerasFields::fail("keepdims", "false", fields_.find("keepdims"));
      push(GlobalAveragePoolLayer{});
    } else if (class_ == "Activation") {
      activation("");
    } else if (class_ == "ReLU") {
      relu();
    } else if (class_ == "Softmax") {
      softmax();
    } else if (class_ == "Dropout") {
      fields_.require_null("noise_shape");
      push(DropoutLayer{fields_.number("rate", 0)});
    } else if (class_ == "Flatten") {
      push(FlattenLayer{});
    } else if (class_ == "Add") {
      push(AddLayer{});
    } else if (class_ == "Rescaling") {
      push(RescalingLayer{fields_.number("scale", 1), fields_.number("offset", 0)});
    } else {
      throw FormatError("ferlab has no such layer");
    }
    return std::move(found_);
  }

 private:
  std::string_view class_;
  KerasFields fields_;
  KerasLayer found_;

  void push(const Layer& layer) { found_.layers.push_back(layer); }

  void read_data_format() {
    const std::string format = fields_.text("data_format", "");
    if (format.empty()) return;
    if (format != "channels_last" && format != "channels_first")
      KerasFields::fail("data_format", "channels_last or channels_first", fields_.find("data_format"));
    found_.data_format = format == "channels_last" ? DataFormat::channels_last : DataFormat::channels_first;
  }
  /// "float32", or a policy of that name.
  void read_dtype() const {
    const Json* type = fields_.find("dtype");
    if (type && type->is(Json::Kind::object)) {
      const Json* config = type->find("config");
      type = config ? config->find("name") : nullptr;
    }
    if (type && type->is(Json::Kind::string) && type->text != "float32") KerasFields::fail("dtype", "float32", type);
  }
  /// Of the kernel. Other penalties do not change what a trained network computes and are left out.
  float l2() const {
    const Json* regularizer = fields_.find("kernel_regularizer");
    const Json* config = regularizer ? regularizer->find("config") : nullptr;
    return config && config->is(Json::Kind::object) ? KerasFields(*config).number("l2", 0) : 0;
  }
  void activation(std::string_view otherwise) {
    const Json* value = fields_.find("activation");
    if (value && value->is(Json::Kind::object)) value = value->find("config");  // {"class_name": "function", ...}
    if (value && !value->is(Json::Kind::string)) KerasFields::fail("activation", "a name", value);
    const std::string name = value ? value->text : std::string(otherwise);
    if (name == "relu")
      push(ReLULayer{});
    else if (name == "softmax")
      push(SoftmaxLayer{});
    else if (name != "linear")
      KerasFields::fail("activation", "linear, relu or softmax", value);
  }
  void conv2d() {
    fields_.require_one("dilation_rate");
    fields_.require_one("groups");
    push(Conv2DLayer{.filters = fields_.integer("filters"),
                     .kernel = fields_.square("kernel_size", 0),
                     .stride = fields_.square("strides", 1),
                     .padding = fields_.padding(),
                     .bias = fields_.boolean("use_bias", true),
                     .l2 = l2()});
    activation("linear");
  }
  void batch_norm() {
    if (fields_.boolean("renorm", false)) KerasFields::fail("renorm", "false", fields_.find("renorm"));
    const Json* axis = fields_.find("axis");
    if (axis && axis->is(Json::Kind::array) && axis->items.size() == 1) axis = &axis->items[0];
    const std::string text = axis ? axis->text : "-1";
    if (text != "-1" && text != "1" && text != "3") KerasFields::fail("axis", "-1, 3 or 1", axis);
    found_.axis = text == "-1" ? -1 : text[0] - '0';
    found_.scale = fields_.boolean("scale", true);
    found_.center = fields_.boolean("center", true);
    push(BatchNormLayer{.epsilon = fields_.number("epsilon", 1e-3f), .momentum = fields_.number("momentum", 0.99f)});
  }
  template <class Pool>
  void pool() {
    const int window = fields_.square("pool_size", 2);
    push(Pool{.window = window, .stride = fields_.square("strides", window), .padding = fields_.padding()});
  }
  void relu() {
    fields_.require_null("max_value");
    for (const char* key : {"negative_slope", "alpha", "threshold"})
      if (fields_.find(key) && fields_.find(key)->is(Json::Kind::number) && fields_.number(key, 0) != 0)
        KerasFields::fail(key, "0", fields_.find(key));
    push(ReLULayer{});
  }
  void softmax() {
    const Json* axis = fields_.find("axis");
    if (axis && axis->is(Json::Kind::array) && axis->items.size() == 1) axis = &axis->items[0];
    if (axis && axis->text != "-1" && axis->text != "1") KerasFields::fail("axis", "-1", axis);
    push(SoftmaxLayer{});
  }
};

}  // namespace ferlab::exchange::detail
