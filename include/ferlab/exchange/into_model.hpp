// SPDX-License-Identifier: MIT
// A model filled from a Network: everything is checked before anything of the model is touched.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "ferlab/exchange/match.hpp"
#include "ferlab/exchange/to_network.hpp"

namespace ferlab::exchange {

namespace detail {

/// What a file says besides its weights, in place of what the model says; what it does not say stays.
struct Saying {
  data::Preprocessing preprocessing;
  std::vector<std::string> class_names;
  std::map<std::string, std::string> notes;

  void read(const Network& file, std::size_t outputs) {
    for (const auto& [key, value] : file.metadata) {
      if (key == std::string(metadata_prefix) + "class_names") {
        class_names = ferlab::detail::class_names_from_json(value);
        if (class_names.size() > outputs)
          throw FormatError("expected at most " + std::to_string(outputs) + " class names, got " +
                            std::to_string(class_names.size()));
      } else if (key == std::string(metadata_prefix) + "preprocessing") {
        preprocessing = ferlab::detail::preprocessing_from_json(value);
      } else if (const std::string note = std::string(metadata_prefix) + "note."; key.starts_with(note)) {
        notes[key.substr(note.size())] = value;
      }
    }
    for (const Node& node : file.nodes)
      if (const auto* layer = std::get_if<RescalingLayer>(&node.layer))
        if (layer->scale != preprocessing.scale || layer->offset != preprocessing.offset)
          preprocessing = {"rescaling", layer->scale, layer->offset};
  }
};

}  // namespace detail

/// Fills `model` from `file`, which was read from `path`: weights, and preprocessing, class names and notes where the
/// file has them. The model is unchanged if anything is wrong: FormatError.
template <class M>
void into_model(const Network& file, const std::string& path, M& model) {
  const auto weights = match(to_network(model), file, path);
  detail::Saying saying{model.preprocessing, model.class_names, model.notes};
  try {
    saying.read(file, M::output_shape().size());
  } catch (const FormatError& error) {
    throw FormatError(path + ": " + error.what());
  }
  std::size_t entry = 0;
  for (const std::vector<Array>& layer : weights)
    for (const Array& array : layer)
      model.set_weights(entry++, std::vector<typename M::Scalar>(array.values.begin(), array.values.end()));
  model.preprocessing = saying.preprocessing;
  model.class_names = saying.class_names;
  model.notes = saying.notes;
}

}  // namespace ferlab::exchange
