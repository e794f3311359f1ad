// SPDX-License-Identifier: MIT
// A trained network of either kind behind one face: which net a model file holds is known only at run time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ferlab/data/dataset.hpp>
#include <ferlab/model/summary.hpp>

#include "commands.hpp"

namespace fer2013 {

/// The weights that come with ferlab: the environment's FERLAB_WEIGHTS, or weights/fer2013-compact.safetensors of the
/// source tree.
std::string shipped_weights();

/// What one pass over labelled images gave.
struct Evaluated {
  double loss = 0, accuracy = 0;
  std::vector<float> probabilities;  ///< [image][class]
};

class Classifier {
 public:
  virtual ~Classifier() = default;

  /// Loads options.model, a model file of any of this example's nets, for options.device. Throws ferlab::IoError,
  /// ferlab::FormatError, or ferlab::BackendError where there is no such device.
  static std::unique_ptr<Classifier> load(const Common& options);

  virtual const std::string& net() const = 0;
  virtual const std::vector<std::string>& class_names() const = 0;
  virtual std::vector<ferlab::LayerSummary> layers() const = 0;
  virtual std::string device() const = 0;  ///< "2 threads"

  /// The probabilities of one 48 x 48 grey face, 0..255. Valid until the next call.
  virtual std::span<const float> predict(std::span<const std::uint8_t> face) = 0;
  virtual Evaluated score(const ferlab::data::Dataset& data) = 0;
};

}  // namespace fer2013
