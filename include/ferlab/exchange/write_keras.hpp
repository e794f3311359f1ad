// SPDX-License-Identifier: MIT
// A Network as bytes of Keras's files.
#pragma once

#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "ferlab/exchange/keras_order.hpp"
#include "ferlab/exchange/read_keras_weights.hpp"
#include "ferlab/exchange/write_keras_config.hpp"
#include "ferlab/formats/hdf5_writer.hpp"
#include "ferlab/formats/zip_writer.hpp"

namespace ferlab::exchange {

/// A full model in HDF5, architecture and weights: every Keras from 2.0.5 on loads it. A functional model, for that is
/// what all of them read; strings of fixed length, as they wrote them.
[[gnu::cold]] inline std::string write_keras_h5(const Network& described) {
  const Network network = in_keras_order(described);
  formats::Hdf5Writer file;
  const std::string weights = "/model_weights";
  std::vector<std::string> layers;
  for (const Node& node : network.nodes) {
    if (node.weights.empty()) continue;
    layers.push_back(node.name);
    std::vector<std::string> names;
    for (const Array& array : node.weights) {
      names.push_back(array.name + ":0");
      file.dataset(weights + "/" + node.name + "/" + names.back(), array.shape, array.values);
    }
    file.attribute(weights + "/" + node.name, "weight_names", names);
  }
  for (const std::string& group : {std::string("/"), weights}) {
    file.group(group);
    file.attribute(group, "backend", "tensorflow");
    file.attribute(group, "keras_version", "2.1.6");
  }
  file.attribute(weights, "layer_names", layers);
  file.attribute("/", "model_config", detail::keras_config(network, detail::KerasDialect::h5));
  detail::JsonObject metadata;
  for (const auto& [key, value] : network.metadata) metadata.text(key, value);
  file.attribute("/", detail::metadata_attribute, metadata.json());
  return file.bytes();
}

/// Weights only, as Keras 3's save_weights: arrays by the number of their layer among its class.
[[gnu::cold]] inline std::string write_keras_weights(const Network& described) {
  const Network network = in_keras_order(described);
  formats::Hdf5Writer file;
  std::map<std::string, int> number;
  for (const Node& node : network.nodes) {
    if (node.weights.empty()) continue;
    const std::string name(detail::snake_case(detail::KerasLayerWriter(node.layer, {}).class_name));
    const int before = number[name]++;
    const std::string group = "/layers/" + name + (before ? "_" + std::to_string(before) : "") + "/vars/";
    for (std::size_t i = 0; i < node.weights.size(); ++i)
      file.dataset(group + std::to_string(i), node.weights[i].shape, node.weights[i].values);
  }
  file.group("/vars");  // Keras 3.0 and 3.3 want it
  return file.bytes();
}

/// A .keras file, for Keras 3.
[[gnu::cold]] inline std::string write_keras_archive(const Network& network) {
  char date[40];
  const std::time_t now = std::time(nullptr);
  std::tm time{};
  gmtime_r(&now, &time);
  std::strftime(date, sizeof date, "%Y-%m-%d@%H:%M:%S", &time);
  detail::JsonObject metadata;
  metadata.text("keras_version", "3.0.0").text("date_saved", date);
  for (const auto& [key, value] : network.metadata) metadata.text(key, value);
  formats::ZipWriter zip;
  zip.add("metadata.json", metadata.json());
  zip.add("config.json", detail::keras_config(in_keras_order(network), detail::KerasDialect::archive));
  zip.add("model.weights.h5", write_keras_weights(network));
  return zip.bytes();
}

}  // namespace ferlab::exchange
