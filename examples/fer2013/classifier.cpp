// SPDX-License-Identifier: MIT
#include "classifier.hpp"

#include <cstdlib>

#include "backends.hpp"
#include "nets.hpp"

namespace fer2013 {

namespace {

template <class Net, class Backend>
class Loaded final : public Classifier {
 public:
  Loaded(Net net, const std::string& path, const Backend& backend)
      : model_(std::move(net), backend), workspace_(model_, 1) {
    load_model(path, model_);
    if (model_.class_names.size() != model_.output_shape().size())
      throw FormatError(path + ": expected " + std::to_string(model_.output_shape().size()) + " class names, got " +
                        std::to_string(model_.class_names.size()));
  }
  const std::string& net() const override { return model_.notes.at("net"); }
  const std::vector<std::string>& class_names() const override { return model_.class_names; }
  std::vector<LayerSummary> layers() const override { return layer_summaries(model_); }
  std::string device() const override { return describe(model_.backend); }
  std::span<const float> predict(std::span<const std::uint8_t> face) override {
    return ferlab::predict(model_, workspace_, face);
  }
  Evaluated score(const data::Dataset& data) override {
    std::vector<float> probabilities;
    const auto found = ferlab::evaluate(model_, data, probabilities);
    return {found.loss, found.of(Accuracy{}), std::move(probabilities)};
  }

 private:
  using M = Model<Net, Backend>;
  M model_;
  Workspace<M> workspace_;
};

}  // namespace

std::string shipped_weights() {
  const char* path = std::getenv("FERLAB_WEIGHTS");
  return path ? path : FERLAB_SHIPPED_WEIGHTS;
}

std::unique_ptr<Classifier> Classifier::load(const Common& options) {
  const std::string& path = options.model;
  const formats::SafetensorsFile file(path);
  const auto note = file.metadata().find("note.net");
  const std::string name = note == file.metadata().end() ? "" : note->second;
  const auto loaded = [&](const auto& net) {
    return with_backend(options, [&](const auto& backend) -> std::unique_ptr<Classifier> {
      using Net = std::decay_t<decltype(net)>;
      using Backend = std::decay_t<decltype(backend)>;
      return std::make_unique<Loaded<Net, Backend>>(net, path, backend);
    });
  };
  if (name == "compact") return loaded(compact_net());
  if (name == "tutorial") return loaded(tutorial_net());
  file.fail("expected a model of this program (net compact or tutorial), got " +
            (name.empty() ? "none of either" : "\"" + name + "\""));
}

}  // namespace fer2013
