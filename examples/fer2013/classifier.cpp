// SPDX-License-Identifier: MIT
#include "classifier.hpp"

#include <cstdlib>

#include "nets.hpp"

namespace fer2013 {

namespace {

template <class Net>
class Loaded final : public Classifier {
 public:
  Loaded(Net net, const std::string& path, int threads) : model_(std::move(net), Cpu{threads}), workspace_(model_, 1) {
    load_model(path, model_);
    if (model_.class_names.size() != model_.output_shape().size())
      throw FormatError(path + ": expected " + std::to_string(model_.output_shape().size()) + " class names, got " +
                        std::to_string(model_.class_names.size()));
  }
  const std::string& net() const override { return model_.notes.at("net"); }
  const std::vector<std::string>& class_names() const override { return model_.class_names; }
  std::span<const float> predict(std::span<const std::uint8_t> face) override {
    return ferlab::predict(model_, workspace_, face);
  }
  Scores score(const data::Dataset& data) override {
    std::vector<float> probabilities;
    const Evaluation found = ferlab::evaluate(model_, data, probabilities);
    return {found.loss, found.accuracy, std::move(probabilities)};
  }

 private:
  using M = Model<Net, Cpu>;
  M model_;
  Workspace<M> workspace_;
};

}  // namespace

std::string shipped_weights() {
  const char* path = std::getenv("FERLAB_WEIGHTS");
  return path ? path : FERLAB_SHIPPED_WEIGHTS;
}

std::unique_ptr<Classifier> Classifier::load(const std::string& path, int threads) {
  const io::SafetensorsFile file(path);
  const auto note = file.metadata().find("note.net");
  const std::string net = note == file.metadata().end() ? "" : note->second;
  if (net == "compact") return std::make_unique<Loaded<decltype(compact_net())>>(compact_net(), path, threads);
  if (net == "tutorial") return std::make_unique<Loaded<decltype(tutorial_net())>>(tutorial_net(), path, threads);
  file.fail("expected a model of this program (net compact or tutorial), got " +
            (net.empty() ? "none of either" : "\"" + net + "\""));
}

}  // namespace fer2013
