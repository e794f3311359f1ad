// SPDX-License-Identifier: MIT
// fer2013 export, import and inspect: models to and from Keras, ONNX and PyTorch.
#include <ferlab/exchange.hpp>

#include <cstdio>
#include <filesystem>
#include <iostream>

#include "classifier.hpp"
#include "commands.hpp"

namespace fer2013 {

using namespace ferlab;

int export_model(const ExportOptions& options) {
  const auto classifier = Classifier::load(options);
  const exchange::Network network = classifier->network(options.with_preprocessing || options.uint8);
  const std::string& to = options.to;
  const std::string endings[][2] = {
      {"keras", ".keras"}, {"h5", ".h5"}, {"onnx", ".onnx"}, {"safetensors", ".pytorch.safetensors"}};
  std::string path = options.output;
  for (const auto& [kind, ending] : endings)
    if (path.empty() && to == kind) path = std::filesystem::path(options.model).stem().string() + ending;
  const auto write = [&](const std::string& bytes) { formats::write_file(path, bytes); };
  if (to == "keras") write(exchange::write_keras_archive(network));
  if (to == "h5") write(exchange::write_keras_h5(network));
  if (to == "onnx") write(exchange::write_onnx(network, {.uint8_input = options.uint8}));
  if (to == "safetensors") exchange::write_pytorch(path, network);
  const data::Preprocessing& p = classifier->preprocessing();
  if (options.with_preprocessing || options.uint8)
    std::fprintf(stderr, "%s: the %s net; its inputs are pixels, 0..255\n", path.c_str(), classifier->net().c_str());
  else
    std::fprintf(stderr, "%s: the %s net; its inputs are pixel * %.9g + %.9g\n", path.c_str(),
                 classifier->net().c_str(), double(p.scale), double(p.offset));
  return 0;
}

int import_model(const ImportOptions& options) {
  Common from = options;
  from.model = options.file;
  const auto classifier = Classifier::load(from);
  const std::string path =
      options.output.empty() ? std::filesystem::path(options.file).stem().string() + ".safetensors" : options.output;
  if (std::filesystem::exists(path) && std::filesystem::equivalent(path, options.file))
    throw ArgumentError("--output: " + path + " is the file that is read; give another name");
  classifier->save(path, false);
  std::fprintf(stderr, "%s: the %s net, from %s\n", path.c_str(), classifier->net().c_str(), options.file.c_str());
  return 0;
}

int inspect(const std::string& file) {
  std::cout << ferlab::inspect(file);
  return 0;
}

}  // namespace fer2013
