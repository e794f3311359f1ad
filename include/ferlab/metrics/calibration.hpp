// SPDX-License-Identifier: MIT
// Can a model's probabilities be believed? Source: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural
// Networks", ICML 2017 (arXiv 1706.04599), section 2, equations 2 and 3.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/data/dataset.hpp"

namespace ferlab {

/// Predictions sorted by confidence, the probability of the predicted class, into bins of equal width: bin m of M holds
/// those with a confidence above m / M, up to and including (m + 1) / M.
struct Calibration {
  struct Bin {
    std::size_t count = 0;
    double confidence = 0;  ///< the mean; 0 where there is no prediction
    double accuracy = 0;    ///< the share that is right; 0 where there is no prediction
  };
  std::vector<Bin> bins;

  /// ECE: the mean distance between confidence and accuracy, bins weighted by their predictions. 0 where there are
  /// none.
  double expected_error() const {
    double sum = 0, total = 0;
    for (const Bin& bin : bins) {
      sum += double(bin.count) * std::abs(bin.accuracy - bin.confidence);
      total += double(bin.count);
    }
    return total > 0 ? sum / total : 0;
  }
};

/// From probabilities [sample][classes] and labels; the largest is the prediction, the first of equals. Throws
/// ArgumentError where they are not as many, a label is no class, or a prediction is no probability (0 to 1).
template <class T>
Calibration calibration(std::span<const T> probabilities, std::span<const std::uint8_t> labels, int classes,
                        int bins = 10) {
  if (bins < 1) throw ArgumentError("calibration: expected at least 1 bin, got " + std::to_string(bins));
  if (classes < 1 || probabilities.size() != labels.size() * std::size_t(classes))
    throw ArgumentError("calibration: expected " + std::to_string(labels.size()) + " samples of " +
                        std::to_string(classes) + " probabilities, got " + std::to_string(probabilities.size()) +
                        " numbers");
  Calibration found{std::vector<Calibration::Bin>(std::size_t(bins))};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= classes)
      throw ArgumentError("calibration: sample " + std::to_string(i) + " has label " + std::to_string(labels[i]) +
                          ", expected 0 to " + std::to_string(classes - 1));
    const T* row = probabilities.data() + i * std::size_t(classes);
    const T* best = std::max_element(row, row + classes);
    const double confidence = double(*best);
    if (!(confidence >= 0 && confidence <= 1 + 1e-5))  // a softmax in float may end a little above 1
      throw ArgumentError("calibration: sample " + std::to_string(i) + ": expected a probability from 0 to 1, got " +
                          std::to_string(confidence));
    const auto last = std::size_t(bins) - 1;
    auto& bin = found.bins[std::min(last, std::size_t(std::max(0.0, std::ceil(confidence * bins) - 1)))];
    ++bin.count;
    bin.confidence += confidence;
    bin.accuracy += best - row == labels[i];
  }
  for (Calibration::Bin& bin : found.bins) {
    if (bin.count == 0) continue;
    bin.confidence /= double(bin.count);
    bin.accuracy /= double(bin.count);
  }
  return found;
}

/// From the outputs that predict or evaluate gave for `data`.
template <class T>
Calibration calibration(std::span<const T> probabilities, const data::Dataset& data, int classes, int bins = 10) {
  std::vector<std::uint8_t> labels(data.size());
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = data.label(i);
  return calibration(probabilities, std::span<const std::uint8_t>(labels), classes, bins);
}

}  // namespace ferlab
