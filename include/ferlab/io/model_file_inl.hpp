// SPDX-License-Identifier: MIT
// Implementation of model_file.hpp: the part that needs a JSON library.
#pragma once

#include <nlohmann/json.hpp>

#include "ferlab/io/model_file.hpp"

namespace ferlab::detail {

inline std::string class_names_to_json(const std::vector<std::string>& names) {
  return nlohmann::json(names).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

inline std::vector<std::string> class_names_from_json(const io::SafetensorsFile& file) {
  const auto json = nlohmann::json::parse(file.require_metadata("class_names"), nullptr, false);
  std::vector<std::string> names;
  if (!json.is_array()) file.fail("metadata \"class_names\" is not a JSON array of strings");
  for (const auto& name : json) {
    if (!name.is_string()) file.fail("metadata \"class_names\" is not a JSON array of strings");
    names.push_back(name.get<std::string>());
  }
  return names;
}

inline std::string preprocessing_to_json(const data::Preprocessing& p) {
  return nlohmann::json{{"name", p.name}, {"scale", p.scale}, {"offset", p.offset}}.dump();
}

inline data::Preprocessing preprocessing_from_json(const io::SafetensorsFile& file) {
  const auto json = nlohmann::json::parse(file.require_metadata("preprocessing"), nullptr, false);
  if (!json.is_object() || !json.contains("name") || !json["name"].is_string() || !json.contains("scale") ||
      !json["scale"].is_number() || !json.contains("offset") || !json["offset"].is_number())
    file.fail("metadata \"preprocessing\" is not {name, scale, offset}");
  return {json["name"].get<std::string>(), json["scale"].get<float>(), json["offset"].get<float>()};
}

}  // namespace ferlab::detail
