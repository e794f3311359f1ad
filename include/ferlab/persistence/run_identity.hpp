// SPDX-License-Identifier: MIT
// The numbers that must be equal for a run to go on as it began. Callbacks are told apart by type and by what they
// watch; their own numbers (a patience, a factor) may be others after a resume, as the number of epochs may.
#pragma once

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "ferlab/core/compat.hpp"
#include "ferlab/train/training.hpp"

namespace ferlab::detail {

/// Name and value, in the order in which a difference is best told.
class RunIdentity {
 public:
  std::vector<std::pair<std::string, std::string>> fields;

  /// A name that is there already, with another value, gets a number.
  template <class Value>
  void add(const std::string& name, const Value& value) {
    const std::string text = to_text(value);
    std::string numbered = name;
    for (int n = 2; const std::string* found = find(numbered); ++n) {
      if (*found == text) return;
      numbered = name + "_" + std::to_string(n);
    }
    fields.emplace_back(numbered, text);
  }
  /// Those of something that names its numbers: "augmentation/shift".
  void add_numbers(const std::string& owner, const auto& of) {
    auto each = [&](const char* name, const auto& value) { add(owner + "/" + name, value); };
    of.numbers(each);
  }
  const std::string* find(const std::string& name) const {
    for (const auto& [key, value] : fields)
      if (key == name) return &value;
    return nullptr;
  }

 private:
  static std::string to_text(const std::string& text) { return text; }
  static std::string to_text(const char* text) { return text; }
  static std::string to_text(bool value) { return value ? "1" : "0"; }
  template <class Number>
  requires std::is_arithmetic_v<Number>
  static std::string to_text(Number value) {
    char text[64];
    return {text, compat::to_chars(text, text + sizeof text, value).ptr};
  }
  template <class Number>
  static std::string to_text(const std::vector<Number>& values) {
    std::string all;
    for (const Number& value : values) all += (all.empty() ? "" : " ") + to_text(value);
    return all;
  }
};

/// "dropout_1"; the layer by its number.
template <class M>
std::string name_of_layer(int layer) {
  const auto& nodes = M::Network::graph.nodes;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].index == layer) return std::string(M::Plan::parameters.layer_names[i].view());
  return "layer";
}

/// Layers, and the numbers that tune them, the loss and the optimizer: those they lower with.
template <class Training>
void add_settings(RunIdentity& identity, const Training& t) {
  using M = typename Training::Model;
  const Tuning& tuning = t.tuning();
  for (const NamedSetting& setting : tuning.named)
    identity.add((setting.layer >= 0                      ? name_of_layer<M>(setting.layer)
                  : setting.section == ops::Section::loss ? std::string("loss")
                                                          : std::string("optimizer")) +
                     "/" + setting.name,
                 setting.value);
  for (std::size_t i = 0; i < tuning.penalties.size(); ++i)
    if (M::parameters()[i].shape.trainable)
      identity.add(std::string(M::parameters()[i].name.view()) + "/l2", tuning.penalties[i].factor);
}

/// The images and labels themselves.
inline constexpr const char* training_data = "training_data";

template <class Training>
RunIdentity run_identity(const Training& t) {
  using M = typename Training::Model;
  RunIdentity identity;
  int layer = 0;
  for (const Name& name : M::Plan::parameters.layer_names)
    if (name.length > 0) identity.add("layer_" + std::to_string(++layer), std::string(name.view()));
  static_assert(
      requires { Training::Loss::name; },
      "ferlab: a loss whose training is saved needs a name: static constexpr const char* name");
  identity.add("loss", Training::Loss::name);
  std::vector<std::string> metrics;
  for (const MetricInfo& metric : t.history.metrics) metrics.push_back(metric.name);
  std::sort(metrics.begin(), metrics.end());  // they are read by name
  std::string names;
  for (const std::string& metric : metrics) names += (names.empty() ? "" : ", ") + metric;
  identity.add("metrics", names);
  identity.add("optimizer", Training::Optimizer::name);
  identity.add("ranks", t.ranks);
  identity.add("batch_size", t.batch_size);
  identity.add("training_images", t.train.size());
  identity.add("validation_images", t.validation.size());
  identity.add(training_data, t.data_fingerprint());
  identity.add("seed", t.seed);
  identity.add("shuffle", t.shuffles);
  std::visit(
      [&](const auto& rate) {
        if constexpr (requires { rate.name; }) {
          identity.add("learning_rate", rate.name);
          identity.add_numbers("learning_rate", rate);
        } else {
          identity.add("learning_rate", rate);
        }
      },
      static_cast<const LearningRate::Variant&>(t.optimizer.learning_rate));
  identity.add_numbers("augmentation", t.augmentation);
  add_settings(identity, t);
  return identity;
}

}  // namespace ferlab::detail
