// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "ferlab/core/step_state.hpp"

namespace ferlab {

/// -sum over classes of target * log(probability), the target being 1 for the label and 0 elsewhere, or smoothed:
/// target * (1 - label_smoothing) + label_smoothing / classes. As keras.losses.CategoricalCrossentropy.
struct CategoricalCrossentropy {
  float label_smoothing = 0;

  static constexpr const char* name = "categorical_crossentropy";
  static constexpr bool fuses_softmax = true;

  /// For a network that ends in Softmax, together with it: from logits [batch][classes] to probabilities (which may be
  /// the same memory) and, multiplied by `scale`, to the gradient with respect to the logits (nullptr: not wanted).
  /// Adds what was found to `metrics`. All in the backend's memory.
  template <class Backend, class T, class V>
  void from_logits(const Backend& backend, int batch, int classes, const V* logits, const std::uint8_t* labels, T scale,
                   V* probabilities, V* gradient, StepMetrics* metrics, T* scratch) const {
    softmax_crossentropy(backend, batch, classes, logits, labels, T(label_smoothing), scale, probabilities, gradient,
                         metrics, scratch);
  }

  /// For any other network: its outputs are renormalised to sum 1 and clipped to [1e-7, 1 - 1e-7], as Keras does.
  template <class Backend, class T, class V>
  void operator()(const Backend& backend, int batch, int classes, const V* outputs, const std::uint8_t* labels, T scale,
                  V* gradient, StepMetrics* metrics, T* scratch) const {
    categorical_crossentropy(backend, batch, classes, outputs, labels, T(label_smoothing), scale, gradient, metrics,
                             scratch);
  }
};

}  // namespace ferlab
