// SPDX-License-Identifier: MIT
// The config of a Keras model, 2.0 to 3.15: its layers and who reads whom, as a Network that has no weights yet.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/exchange/read_keras_layer.hpp"

namespace ferlab::exchange::detail {

/// A layer of Keras's that has weights, and which of our nodes they belong to.
struct KerasWeightsOf {
  std::string name;                  ///< of the layer
  std::string class_name;            ///< "Conv2D"
  std::size_t number = 0;            ///< how many of its class come before it
  std::size_t node = 0;              ///< in Network::nodes
  bool scale = true, center = true;  ///< of BatchNormalization
};

struct KerasConfig {
  Network network;
  std::vector<KerasWeightsOf> weights;
  DataFormat data_format = DataFormat::unknown;
};

class KerasConfigReader {
 public:
  /// `text`: the JSON of model_config or config.json. Throws FormatError with the layer and what is wrong with it.
  KerasConfig read(std::string_view text) {
    Json json;
    if (!formats::parse_json(text, json, deepest)) throw FormatError("the model's config is not JSON");
    const Json* config = json.find("config");
    const std::string class_name = string_of(json.find("class_name"));
    if (!config) throw FormatError("expected a model's config, got none");
    if (class_name == "Sequential")
      read_sequential(json, *config);
    else if (class_name == "Model" || class_name == "Functional")
      read_functional(*config);
    else
      throw FormatError("expected a Sequential or Functional model, got " +
                        formats::detail::shown(json.find("class_name")));
    return std::move(found_);
  }

 private:
  static constexpr int deepest = 40;

  /// A layer as its config says, before it is known what reaches it.
  struct Parsed {
    std::string name, class_name;
    const Json* config;
    KerasLayer layer;
    std::vector<std::string> inputs;  ///< their names
  };

  KerasConfig found_;
  std::map<std::string, std::size_t> made_;    ///< the node in which each layer of Keras ends, by its name
  std::map<std::string, std::size_t> number_;  ///< layers so far of each class

  static std::string string_of(const Json* value) {
    return value && value->is(Json::Kind::string) ? value->text : std::string();
  }

  void read_sequential(const Json& model, const Json& config) {
    const Json* layers = config.is(Json::Kind::array) ? &config : config.find("layers");
    if (!layers || !layers->is(Json::Kind::array) || layers->items.empty())
      throw FormatError("expected layers, got none");
    std::vector<Parsed> parsed;
    std::string before;
    for (const Json& layer : layers->items) {
      parsed.push_back(parse(layer));
      if (!before.empty()) parsed.back().inputs = {before};
      before = parsed.back().name;
    }
    find_data_format(parsed);
    if (parsed[0].class_name != "InputLayer") {
      const Json* shape = parsed[0].config->find("batch_input_shape");
      const Json* built = model.find("build_config");
      if (!shape && built) shape = built->find("input_shape");
      add_input("input", shape);
      made_ = {{"", 0}};  // a layer may be called "input"
      parsed[0].inputs = {""};
    }
    for (const Parsed& layer : parsed) add(layer);
  }

  void read_functional(const Json& config) {
    const Json* layers = config.find("layers");
    if (!layers || !layers->is(Json::Kind::array)) throw FormatError("expected layers, got none");
    std::vector<Parsed> parsed;
    for (const Json& layer : layers->items) {
      parsed.push_back(parse(layer));
      parsed.back().inputs = inputs_of(layer, parsed.back());
    }
    find_data_format(parsed);
    for (const Parsed& layer : parsed) add(layer);
    the_one(config.find("input_layers"), "input");
    const std::string output = the_one(config.find("output_layers"), "output");
    const auto last = made_.find(output);
    if (last == made_.end()) throw FormatError("its output is the layer \"" + output + "\", which it does not have");
    if (last->second + 1 != found_.network.nodes.size())
      throw FormatError("expected the output, layer \"" + output + "\", as its last layer, got \"" +
                        found_.network.nodes.back().name + "\" behind it");
  }

  /// [["name", 0, 0]] or ["name", 0, 0] -> "name"
  static std::string the_one(const Json* list, const char* what) {
    if (list && list->items.size() == 1) list = &list->items[0];
    if (!list || list->items.size() != 3 || !list->items[0].is(Json::Kind::string))
      throw FormatError(std::string("expected one ") + what + ", got " +
                        (list ? std::to_string(list->items.size()) : "none"));
    return list->items[0].text;
  }

  /// Throws FormatError in the name of the layer.
  template <class Body>
  static auto in_layer(const std::string& name, const std::string& class_name, Body body) {
    try {
      return body();
    } catch (const FormatError& error) {
      throw FormatError("layer \"" + name + "\" (" + class_name + "): " + error.what());
    }
  }

  Parsed parse(const Json& entry) {
    Parsed layer;
    layer.class_name = string_of(entry.find("class_name"));
    layer.config = entry.find("config");
    if (layer.class_name.empty() || !layer.config || !layer.config->is(Json::Kind::object))
      throw FormatError("expected a layer with class_name and config, got " + formats::detail::shown(&entry));
    layer.name = string_of(layer.config->find("name"));
    if (layer.name.empty()) layer.name = string_of(entry.find("name"));
    if (layer.class_name == "InputLayer") return layer;
    layer.layer = in_layer(layer.name, layer.class_name,
                           [&] { return KerasLayerReader(layer.class_name, *layer.config).read(); });
    return layer;
  }

  /// The names of the layers that a layer of a functional model reads: [[["name", 0, 0, {}], ...]] in Keras 2,
  /// [{"args": [tensor] or [[tensor, ...]]}] in Keras 3.
  static std::vector<std::string> inputs_of(const Json& entry, const Parsed& layer) {
    return in_layer(layer.name, layer.class_name, [&] {
      std::vector<std::string> names;
      const Json* nodes = entry.find("inbound_nodes");
      const std::size_t count = nodes ? nodes->items.size() : 0;
      if (layer.class_name == "InputLayer") return names;
      if (count != 1) throw FormatError("expected to be used once, is used " + std::to_string(count) + " times");
      const Json& node = nodes->items[0];
      const Json* args = node.find("args");
      if (args && args->items.size() == 1 && args->items[0].is(Json::Kind::array)) args = &args->items[0];
      for (const Json& input : (args ? *args : node).items) {
        const Json* history = &input;
        if (const Json* config = input.find("config")) history = config->find("keras_history");
        if (!history || history->items.size() < 3 || !history->items[0].is(Json::Kind::string))
          throw FormatError("expected the name of a layer as its input, got " + formats::detail::shown(&input));
        if (history->items[1].text != "0" || history->items[2].text != "0")
          throw FormatError("it reads a layer that is used twice, \"" + history->items[0].text + "\"");
        names.push_back(history->items[0].text);
      }
      return names;
    });
  }

  /// [null, h, w, c], or [null, c] of flat data.
  void add_input(const std::string& name, const Json* shape) {
    const std::size_t rank = shape ? shape->items.size() : 0;
    if (rank != 2 && rank != 4)
      throw FormatError("layer \"" + name + "\" (InputLayer): expected a shape [null, h, w, c] or [null, c], got " +
                        formats::detail::shown(shape));
    std::vector<int> sizes;
    for (std::size_t i = 1; i < rank; ++i) {
      const char *first = shape->items[i].text.data(), *last = first + shape->items[i].text.size();
      int size = 0;
      const auto [end, error] = std::from_chars(first, last, size);
      if (error != std::errc{} || end != last)
        throw FormatError("layer \"" + name + "\" (InputLayer): expected a fixed size, got " +
                          formats::detail::shown(&shape->items[i]));
      sizes.push_back(size);
    }
    Shape found{1, 1, sizes[0]};
    if (rank == 4) found = {sizes[0], sizes[1], sizes[2]};
    if (rank == 4 && found_.data_format == DataFormat::channels_first) found = {sizes[1], sizes[2], sizes[0]};
    push(name, InputLayer{found}, {});
  }

  void push(const std::string& name, const Layer& layer, std::vector<std::size_t> inputs) {
    Node node{.name = name, .layer = layer, .inputs = std::move(inputs)};
    node.output = output_of(found_.network, node);
    if (std::holds_alternative<InputLayer>(layer) != found_.network.nodes.empty())
      throw FormatError(where(node) + ": expected one input, as the first layer");
    made_[name] = found_.network.nodes.size();
    found_.network.nodes.push_back(std::move(node));
  }

  void add(const Parsed& layer) {
    const std::string here = "layer \"" + layer.name + "\" (" + layer.class_name + "): ";
    if (made_.count(layer.name)) throw FormatError(here + "two layers have this name");
    if (layer.class_name == "InputLayer") {
      const Json* shape = layer.config->find("batch_shape");
      add_input(layer.name, shape ? shape : layer.config->find("batch_input_shape"));
      return;
    }
    std::vector<std::size_t> inputs;
    for (const std::string& name : layer.inputs) {
      const auto input = made_.find(name);
      if (input == made_.end()) throw FormatError(here + "it reads \"" + name + "\", which is not before it");
      inputs.push_back(input->second);
    }
    in_layer(layer.name, layer.class_name, [&] { check_axes(layer, inputs); });
    const std::size_t number = number_[layer.class_name]++;
    const std::size_t node = found_.network.nodes.size();
    if (layer.class_name == "Conv2D" || layer.class_name == "Dense" || layer.class_name == "BatchNormalization")
      found_.weights.push_back({layer.name, layer.class_name, number, node, layer.layer.scale, layer.layer.center});
    for (const Layer& ours : layer.layer.layers) {
      push(layer.name, ours, inputs);
      inputs = {made_[layer.name]};
    }
    if (!layer.layer.layers.empty()) return;
    if (inputs.size() != 1) throw FormatError(here + "expected 1 inputs, got " + std::to_string(inputs.size()));
    made_[layer.name] = inputs[0];  // a linear Activation
  }

  /// All layers of a network keep their channels in one place, but for a Flatten, which may say another.
  void find_data_format(const std::vector<Parsed>& layers) {
    const Parsed* first = nullptr;
    for (const Parsed& layer : layers) {
      const DataFormat format = layer.layer.data_format;
      if (format == DataFormat::unknown || layer.class_name == "Flatten") continue;
      if (first && format != found_.data_format)
        throw FormatError("layer \"" + layer.name + "\" (" + layer.class_name + "): data_format: expected " +
                          std::string(to_string(found_.data_format)) + " as layer \"" + first->name + "\" has, got " +
                          std::string(to_string(format)));
      if (!first) first = &layer, found_.data_format = format;
    }
  }
  void check_axes(const Parsed& layer, const std::vector<std::size_t>& inputs) {
    if (inputs.empty()) return;
    const bool image = !found_.network.nodes[inputs[0]].output.is_flat();
    const DataFormat format = found_.data_format;
    if (layer.class_name == "BatchNormalization" && image) {
      const bool first = layer.layer.axis == 1;
      if (first != (format == DataFormat::channels_first))
        throw FormatError("axis: expected the channels', got " + std::to_string(layer.layer.axis) +
                          " where the other layers have " + std::string(to_string(format)));
    }
    if (layer.class_name == "Flatten" && image && format == DataFormat::channels_first &&
        layer.layer.data_format != DataFormat::channels_first)
      found_.network.flattens_channels_first = true;
  }
};

}  // namespace ferlab::exchange::detail
