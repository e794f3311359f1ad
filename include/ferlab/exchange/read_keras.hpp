// SPDX-License-Identifier: MIT
// A Keras file as a Network: .keras, .weights.h5, and the .h5 and .hdf5 of Keras 2.0 to 3.15, with the model or with
// its weights only. What is inside decides, not the name.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "ferlab/exchange/read_keras_weights.hpp"
#include "ferlab/exchange/to_network.hpp"
#include "ferlab/formats/hdf5.hpp"
#include "ferlab/formats/zip.hpp"

namespace ferlab::exchange {

namespace detail {

/// The strings of a JSON object that are ferlab's; other programs' are passed over.
[[gnu::cold]] inline void read_metadata(std::string_view text, Network& network) {
  Json metadata;
  if (!formats::parse_json(text, metadata)) throw FormatError("its metadata is not JSON");
  for (const Json::Member& member : metadata.members)
    if (member.name.starts_with(metadata_prefix) && member.value.is(Json::Kind::string))
      network.metadata[member.name] = member.value.text;
}

}  // namespace detail

/// An HDF5 file. Throws FormatError.
[[gnu::cold]] inline Network read_keras_h5(const formats::Hdf5File& file) {
  try {
    const auto config = file.root().attribute("model_config");
    const detail::KerasWeightsReader weights(file);
    if (!config) return detail::weights_only(weights, file);
    if (config->strings.size() != 1) throw FormatError("model_config: expected one string");
    detail::KerasConfig model = detail::KerasConfigReader().read(config->strings[0]);
    detail::fill_weights(model, weights, file);
    if (const auto metadata = file.root().attribute(detail::metadata_attribute); metadata && !metadata->strings.empty())
      detail::read_metadata(metadata->strings[0], model.network);
    return std::move(model.network);
  } catch (const FormatError& error) {
    if (std::string_view(error.what()).starts_with(file.name())) throw;
    file.fail(error.what());
  }
}

/// A .keras file. Throws FormatError.
[[gnu::cold]] inline Network read_keras_archive(const formats::ZipFile& zip) {
  if (zip.contains("model.weights.json"))
    zip.fail("its weights are cut into several files; save it again without max_shard_size");
  if (!zip.contains("config.json") || !zip.contains("model.weights.h5"))
    zip.fail("expected config.json and model.weights.h5 inside, as in a .keras file");
  try {
    detail::KerasConfig model = detail::KerasConfigReader().read(zip.read("config.json"));
    const std::string bytes(zip.read("model.weights.h5"));
    const formats::Hdf5File file(bytes, zip.name() + ": model.weights.h5");
    detail::fill_weights(model, detail::KerasWeightsReader(file), file);
    if (zip.contains("metadata.json")) detail::read_metadata(zip.read("metadata.json"), model.network);
    return std::move(model.network);
  } catch (const FormatError& error) {
    if (std::string_view(error.what()).starts_with(zip.name())) throw;
    zip.fail(error.what());
  }
}

}  // namespace ferlab::exchange
