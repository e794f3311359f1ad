// SPDX-License-Identifier: MIT
#include "classifier.hpp"

#include <algorithm>

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
  const std::map<std::string, std::string>& notes() const override { return model_.notes; }
  const std::vector<std::string>& class_names() const override { return model_.class_names; }
  const data::Preprocessing& preprocessing() const override { return model_.preprocessing; }
  std::vector<LayerSummary> layers() const override { return layer_summaries(model_); }
  std::string summary() const override { return ferlab::summary(model_); }
  std::string device() const override { return describe(model_.backend); }
  std::vector<float> predict(std::span<const std::uint8_t> faces) override {
    constexpr std::size_t pixels = M::input_shape().size(), largest_batch = 64;
    const std::size_t batch = std::min(faces.size() / pixels, largest_batch);
    if (int(batch) > workspace_.capacity) workspace_ = Workspace<M>(model_, int(batch));
    std::vector<float> all;
    while (!faces.empty()) {
      const auto next = faces.first(std::min(faces.size(), batch * pixels));
      const auto found = ferlab::predict(model_, workspace_, next, int(next.size() / pixels));
      all.insert(all.end(), found.begin(), found.end());
      faces = faces.subspan(next.size());
    }
    return all;
  }
  Evaluated score(const data::Dataset& data) override {
    std::vector<float> probabilities;
    const auto found = ferlab::evaluate(model_, data, probabilities);
    return {found.loss, found.of(Accuracy{}), std::move(probabilities)};
  }
  std::span<const ParameterInfo> parameters() const override { return M::parameters(); }
  std::vector<float> get_weights(std::size_t entry) const override { return model_.get_weights(entry); }
  void set_weights(std::size_t entry, std::span<const float> values) override { model_.set_weights(entry, values); }
  void save(const std::string& path, bool half) override { save_model(path, model_, {.half = half}); }

 private:
  using M = Model<Net, Backend>;
  M model_;
  Workspace<M> workspace_;
};

}  // namespace

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
