// SPDX-License-Identifier: MIT
#include "classifier.hpp"

#include <ferlab/core/mapped_file.hpp>
#include <ferlab/datasets/words.hpp>
#include <ferlab/exchange/into_model.hpp>
#include <ferlab/exchange/read_network.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "backends.hpp"
#include "foreign_model.hpp"
#include "nets.hpp"

namespace fer2013 {

namespace {

template <class Net, class Backend>
class Loaded final : public Classifier {
 public:
  Loaded(Net net, const Backend& backend, const std::string& path, const auto& fill)
      : model_(std::move(net), backend), workspace_(model_, 1) {
    fill(model_);
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
  exchange::Network network(bool with_preprocessing) const override {
    return exchange::to_network(model_, {.preprocessing = with_preprocessing});
  }

 private:
  using M = Model<Net, Backend>;
  M model_;
  Workspace<M> workspace_;
};

/// Of a model of another program: what its file does not say, the options or FER2013 do.
template <class M>
void fill_foreign(const Common& options, const exchange::Network& network, const std::string& net, M& model) {
  model.preprocessing = data::Preprocessing::raw();
  exchange::into_model(network, options.model, model);
  if (!options.preprocessing.empty()) {
    model.preprocessing = parse_preprocessing(options.preprocessing);
  } else if (!says_preprocessing(network)) {
    std::fprintf(stderr,
                 "%s does not say how its pixels are prepared: they are taken as they are, 0..255 "
                 "(--preprocessing says otherwise)\n",
                 options.model.c_str());
  }
  if (model.class_names.empty()) model.class_names = datasets::fer2013_class_names();
  model.notes["net"] = net;
}

}  // namespace

std::unique_ptr<Classifier> Classifier::load(const Common& options) {
  const std::string& path = options.model;
  const MappedFile file(path);
  std::optional<exchange::Network> network;  // of another program
  std::string name;
  if (exchange::file_kind(file.text(), path) == exchange::FileKind::safetensors)
    if (const formats::SafetensorsFile own(file.text(), path); exchange::is_ferlab_model(own)) {
      const auto note = own.metadata().find("note.net");
      name = note == own.metadata().end() ? "" : note->second;
      if (name != "compact" && name != "tutorial")
        own.fail("expected a model of this program (net compact or tutorial), got " +
                 (name.empty() ? "none of either" : "\"" + name + "\""));
    }
  if (name.empty()) {
    network = exchange::read_network(file.text(), path);
    name = net_of(*network, path);
  }
  const auto loaded = [&](const auto& net) {
    return with_backend(options, [&](const auto& backend) -> std::unique_ptr<Classifier> {
      using Net = std::decay_t<decltype(net)>;
      using Backend = std::decay_t<decltype(backend)>;
      return std::make_unique<Loaded<Net, Backend>>(net, backend, path, [&](auto& model) {
        if (network)
          fill_foreign(options, *network, name, model);
        else
          load_model(path, model);
      });
    });
  };
  return name == "compact" ? loaded(compact_net()) : loaded(tutorial_net());
}

}  // namespace fer2013
