// SPDX-License-Identifier: MIT
// A trained network of either kind behind one face: which net a model file holds is known only at run time.
// For the program's commands, and for the Python module (python/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ferlab/data/dataset.hpp>
#include <ferlab/exchange/network.hpp>
#include <ferlab/model/summary.hpp>

#include "commands.hpp"

namespace fer2013 {

/// What one pass over labelled images gave.
struct Evaluated {
  double loss = 0, accuracy = 0;
  std::vector<float> probabilities;  ///< [image][class]
};

class Classifier {
 public:
  virtual ~Classifier() = default;

  /// Loads options.model, a model file of any of this example's nets, ferlab's own or of Keras, ONNX or PyTorch, for
  /// options.device. Throws ferlab::IoError, ferlab::FormatError, or ferlab::BackendError where there is no such
  /// device.
  static std::unique_ptr<Classifier> load(const Common& options);

  const std::string& net() const { return notes().at("net"); }
  virtual const std::map<std::string, std::string>& notes() const = 0;
  virtual const std::vector<std::string>& class_names() const = 0;
  virtual const ferlab::data::Preprocessing& preprocessing() const = 0;
  virtual std::vector<ferlab::LayerSummary> layers() const = 0;
  virtual std::string summary() const = 0;
  virtual std::string device() const = 0;  ///< "2 threads"

  /// The probabilities of 48 x 48 grey faces, 0..255, one after another: [face][class].
  virtual std::vector<float> predict(std::span<const std::uint8_t> faces) = 0;
  virtual Evaluated score(const ferlab::data::Dataset& data) = 0;

  // The weights, as in ferlab::Model.
  virtual std::span<const ferlab::ParameterInfo> parameters() const = 0;
  virtual std::vector<float> get_weights(std::size_t entry) const = 0;
  virtual void set_weights(std::size_t entry, std::span<const float> values) = 0;
  /// A model file, as ferlab::save_model writes it; half: the weights as F16. Throws ferlab::IoError.
  virtual void save(const std::string& path, bool half) = 0;
  /// The net as data, for other programs; as ferlab::exchange::to_network.
  virtual ferlab::exchange::Network network(bool with_preprocessing) const = 0;
};

}  // namespace fer2013
