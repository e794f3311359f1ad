// SPDX-License-Identifier: MIT
// A model in a safetensors file: every weight by name, how the input is prepared, what the outputs are called, and a
// probe: one input and what the model made of it, run again at load to prove that the file means here what it meant
// there.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/core/compat.hpp"
#include "ferlab/formats/json.hpp"
#include "ferlab/formats/safetensors.hpp"
#include "ferlab/model/predict.hpp"
#include "ferlab/persistence/int8_weights.hpp"

namespace ferlab {

struct SaveOptions {
  /// Weights as F16: half the size, about three decimal digits. Moving statistics, and arrays with a weight beyond
  /// F16's range (65504), stay as they are.
  bool half = false;
  /// Kernels as I8, a quarter of the size, each with one scale for each filter or unit (F32, "<name>/scale"). Arrays with
  /// a weight that is not finite stay as they are; `half` is for what is left.
  bool int8 = false;
};

namespace detail {

/// All of a file to be written, with copies of what it says: they last while a training goes on. May be moved.
template <class T>
struct FileContents {
  std::vector<formats::TensorView> views;  ///< of the members below
  std::vector<std::vector<T>> arrays;
  std::vector<std::vector<std::uint16_t>> halves;
  std::map<std::size_t, Int8Weights> int8s;  ///< by the array they stand for
  std::vector<float> probe;
  formats::Metadata metadata;

  FileContents() = default;
  FileContents(FileContents&&) = default;  // a copy's views would be of the original

  void add(std::string name, std::vector<std::size_t> shape, std::vector<T> values) {
    const T* data = arrays.emplace_back(std::move(values)).data();
    views.push_back(
        {std::move(name), sizeof(T) == 8 ? formats::DType::F64 : formats::DType::F32, std::move(shape), data});
  }
  /// Shows array `i` as halves instead.
  void shorten(std::size_t i, std::vector<std::uint16_t> values) {
    views[i].dtype = formats::DType::F16;
    views[i].data = halves.emplace_back(std::move(values)).data();
  }
  /// Shows array `i` as whole numbers instead, and their scales.
  void shorten(std::size_t i, Int8Weights values) {
    const Int8Weights& kept = int8s[i] = std::move(values);
    views[i].dtype = formats::DType::I8;
    views[i].data = kept.steps.data();
    views.push_back({scale_name(views[i].name), formats::DType::F32, {kept.scales.size()}, kept.scales.data()});
  }
  void add_probe(std::vector<float> outputs) {
    probe = std::move(outputs);
    views.push_back({"probe/output", formats::DType::F32, {probe.size()}, probe.data()});
  }
  /// Whole or not at all. Throws IoError.
  void write(const std::string& path) const { formats::write_safetensors(path, views, metadata); }
};

inline std::vector<std::size_t> shape_of(const Parameter& parameter) {
  return {parameter.dims.begin(), parameter.dims.begin() + parameter.rank};
}

template <class M>
std::array<std::uint8_t, M::input_shape().size()> probe_input() {
  std::array<std::uint8_t, M::input_shape().size()> pixels;
  const RandomStream stream{.seed = 0x70726f6265, .purpose = Purpose::data};
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = std::uint8_t(stream.word(i));
  return pixels;
}

/// What stands between the layers, where that is less than a float: it decides how near two probes must be.
template <class M>
inline constexpr bool computes_in_bfloat16 = sizeof(typename M::Element) == 2;
inline const std::string arithmetic_key = "arithmetic", bfloat16_arithmetic = "bfloat16";

template <class M>
std::vector<float> probe_output(const M& model) {
  Workspace<M> workspace(model, 1);
  const auto outputs = predict(model, workspace, probe_input<M>());
  return {outputs.begin(), outputs.end()};
}

inline std::string class_names_to_json(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) {
    if (text.size() > 1) text += ',';
    text += formats::json_quoted(name);
  }
  return text + "]";
}

/// Throws FormatError with what is wrong and not where.
[[gnu::cold]] inline std::vector<std::string> class_names_from_json(std::string_view text) {
  formats::Json json;
  const auto require = [](bool truth) {
    if (!truth) throw FormatError("metadata \"class_names\" is not a JSON array of strings");
  };
  require(formats::parse_json(text, json) && json.is(formats::Json::Kind::array));
  std::vector<std::string> names;
  for (const formats::Json& name : json.items) {
    require(name.is(formats::Json::Kind::string));
    names.push_back(name.text);
  }
  return names;
}

inline std::string preprocessing_to_json(const data::Preprocessing& p) {
  const auto number = [](float value) {
    char text[32];
    return std::string(text, compat::to_chars(text, text + sizeof text, value).ptr);
  };
  return "{\"name\":" + formats::json_quoted(p.name) + ",\"scale\":" + number(p.scale) +
         ",\"offset\":" + number(p.offset) + "}";
}

/// Throws FormatError with what is wrong and not where.
[[gnu::cold]] inline data::Preprocessing preprocessing_from_json(std::string_view text) {
  formats::Json json;
  const auto require = [](bool truth) {
    if (!truth) throw FormatError("metadata \"preprocessing\" is not {name, scale, offset}");
  };
  require(formats::parse_json(text, json));
  const auto number = [&](const char* key) {
    const formats::Json* member = json.find(key);
    float value = 0;
    require(member && member->is(formats::Json::Kind::number));
    require(compat::from_chars(member->text.data(), member->text.data() + member->text.size(), value).ec == std::errc{});
    return value;
  };
  const formats::Json* name = json.find("name");
  require(name && name->is(formats::Json::Kind::string));
  return {name->text, number("scale"), number("offset")};
}

template <class M>
formats::Metadata model_metadata(const M& model) {
  formats::Metadata metadata;
  for (const auto& [key, value] : model.notes) metadata["note." + key] = value;
  metadata["format"] = "ferlab";
  if (computes_in_bfloat16<M>) metadata[arithmetic_key] = bfloat16_arithmetic;
  metadata["class_names"] = class_names_to_json(model.class_names);
  metadata["preprocessing"] = preprocessing_to_json(model.preprocessing);
  return metadata;
}

/// The weights as halves; none where one of them becomes infinite.
template <class T>
std::vector<std::uint16_t> to_halves(std::span<const T> weights) {
  std::vector<std::uint16_t> halves(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    halves[i] = formats::float_to_half(float(weights[i]));
    if (std::isinf(formats::half_to_float(halves[i]))) return {};
  }
  return halves;
}

/// Appends each entry of the parameter table, in its order; then the scales of those in 8 bits.
template <class M>
void append_weights(const M& model, SaveOptions options, FileContents<typename M::Scalar>& contents) {
  using T = typename M::Scalar;
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    const ParameterInfo& info = model.parameters()[i];
    contents.add(std::string(info.name.view()), shape_of(info.shape), model.get_weights(i));
  }
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    const Parameter& shape = model.parameters()[i].shape;
    if (options.int8 && is_kernel(shape)) {
      Int8Weights int8 = to_int8<T>(contents.arrays[i], shape_of(shape).back());
      if (!int8.steps.empty()) contents.shorten(i, std::move(int8));
    } else if (options.half && shape.trainable) {
      std::vector<std::uint16_t> halves = to_halves<T>(contents.arrays[i]);
      if (!halves.empty()) contents.shorten(i, std::move(halves));
    }
  }
}

/// Array `i` of `contents` as a reader will find it.
template <class T>
std::vector<T> rounded(const FileContents<T>& contents, std::size_t i) {
  const formats::TensorView& view = contents.views[i];
  std::vector<T> weights = contents.arrays[i];
  if (view.dtype == formats::DType::F16) {
    const auto* halves = static_cast<const std::uint16_t*>(view.data);
    for (T& weight : weights) weight = formats::half_to_float(*halves++);
  } else if (view.dtype == formats::DType::I8) {
    const Int8Weights& int8 = contents.int8s.at(i);
    from_int8<T>(int8.steps, int8.scales, weights);
  }
  return weights;
}

/// What the model makes of the probe with the weights as `contents` has them, some of them rounded.
template <class M>
std::vector<float> probe_output_of(M& model, const FileContents<typename M::Scalar>& contents) {
  struct Restore {
    M& model;
    const std::vector<std::vector<typename M::Scalar>>& kept;
    ~Restore() {
      for (std::size_t i = 0; i < kept.size(); ++i) model.set_weights(i, kept[i]);
    }
  };
  const Restore restore{model, contents.arrays};
  for (std::size_t i = 0; i < contents.arrays.size(); ++i) model.set_weights(i, rounded(contents, i));
  return probe_output(model);
}

/// The weights of a file, checked and converted, before anything of the model is touched.
template <class M>
struct LoadedModel {
  using T = typename M::Scalar;
  std::vector<T> weights;  ///< as Model::get_weights
  data::Preprocessing preprocessing;
  std::vector<std::string> class_names;
  std::map<std::string, std::string> notes;
  std::vector<float> probe = std::vector<float>(M::output_shape().size());

  explicit LoadedModel(const formats::SafetensorsFile& file) {
    if (file.require_metadata("format") != "ferlab")
      file.fail("not a ferlab model: its metadata says format \"" + file.metadata().at("format") + "\"");
    for (const ParameterInfo& info : M::parameters()) {
      const formats::TensorView& tensor = file.require(info.name.view(), shape_of(info.shape));
      weights.resize(weights.size() + info.size());
      const auto out = std::span<T>(weights).last(info.size());
      if (tensor.dtype == formats::DType::I8 && is_kernel(info.shape))
        read_int8(file, tensor, out);
      else
        formats::convert(file, tensor, out);
    }
    const std::size_t outputs[] = {probe.size()};
    formats::convert(file, file.require("probe/output", outputs), std::span<float>(probe));
    try {
      preprocessing = preprocessing_from_json(file.require_metadata("preprocessing"));
      class_names = class_names_from_json(file.require_metadata("class_names"));
    } catch (const FormatError& error) {
      file.fail(error.what());
    }
    if (class_names.size() > probe.size())
      file.fail("expected at most " + std::to_string(probe.size()) + " class names, got " +
                std::to_string(class_names.size()));
    for (const auto& [key, value] : file.metadata())
      if (key.starts_with("note.")) notes[key.substr(5)] = value;
  }

  void exchange(M& model) {
    std::vector<T> before = model.get_weights();
    model.set_weights(weights);
    weights = std::move(before);
    std::swap(model.preprocessing, preprocessing);
    std::swap(model.class_names, class_names);
    std::swap(model.notes, notes);
  }

  /// Puts the file's weights into the model, runs the probe, and takes them out again if it fails.
  void install(M& model, const formats::SafetensorsFile& file) {
    exchange(model);
    std::vector<float> found;
    try {
      found = probe_output(model);
    } catch (...) {
      exchange(model);
      throw;
    }
    const auto arithmetic = file.metadata().find(arithmetic_key);
    const bool rough =
        computes_in_bfloat16<M> || (arithmetic != file.metadata().end() && arithmetic->second == bfloat16_arithmetic);
    const float bound = rough ? 5e-2f : 1e-3f;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (std::abs(found[i] - probe[i]) <= bound * (1 + std::abs(probe[i])) || found[i] == probe[i]) continue;
      if (std::isnan(found[i]) && std::isnan(probe[i])) continue;  // the weights of a training that came to grief
      const float expected = probe[i];
      exchange(model);
      file.fail("the probe failed: output " + std::to_string(i) + " should be " + std::to_string(expected) + ", is " +
                std::to_string(found[i]) + "; the network differs from the one that was saved in more than its shapes");
    }
  }
};

/// What save_model writes.
template <class M>
FileContents<typename M::Scalar> model_contents(M& model, SaveOptions options) {
  FileContents<typename M::Scalar> contents;
  append_weights(model, options, contents);
  contents.add_probe(options.half || options.int8 ? probe_output_of(model, contents) : probe_output(std::as_const(model)));
  contents.metadata = model_metadata(model);
  return contents;
}

}  // namespace detail

/// Writes the model to `path`, whole or not at all. Throws IoError.
template <class M>
void save_model(const std::string& path, M& model, SaveOptions options = {}) {
  detail::model_contents(model, options).write(path);
}

/// Takes weights, preprocessing and class names from the file, which may be bytes in memory. The model is unchanged if
/// anything is wrong: FormatError where the file is damaged, belongs to another network, or fails its probe.
template <class M>
void load_model(const formats::SafetensorsFile& file, M& model) {
  detail::LoadedModel<M>(file).install(model, file);
}

/// The same of the file at `path`. Throws IoError too.
template <class M>
void load_model(const std::string& path, M& model) {
  load_model(formats::SafetensorsFile(path), model);
}

}  // namespace ferlab
