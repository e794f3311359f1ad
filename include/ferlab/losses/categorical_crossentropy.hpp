// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace ferlab {

/// What a loss finds in one batch.
struct BatchResult {
  double loss = 0;           ///< sum over the samples, penalties not counted
  std::int64_t correct = 0;  ///< samples whose largest output is their label's
};

/// -sum over classes of target * log(probability), the target being 1 for the label and 0 elsewhere, or smoothed:
/// target * (1 - label_smoothing) + label_smoothing / classes. As keras.losses.CategoricalCrossentropy.
struct CategoricalCrossentropy {
  float label_smoothing = 0;

  static constexpr const char* name = "categorical_crossentropy";
  static constexpr bool fuses_softmax = true;

  /// For a network that ends in Softmax: from its probabilities [batch][classes] to the gradient with respect to the
  /// logits (nullptr: not wanted), multiplied by `scale`.
  template <class Backend, class T>
  BatchResult from_softmax(const Backend& backend, int batch, int classes, const T* probabilities,
                           const std::uint8_t* labels, T scale, T* logits_gradient) const {
    BatchResult result;
    softmax_crossentropy(backend, batch, classes, probabilities, labels, T(label_smoothing), scale, logits_gradient,
                         result.loss, result.correct);
    return result;
  }

  /// For any other network: its outputs are renormalised to sum 1 and clipped to [1e-7, 1 - 1e-7], as Keras does.
  template <class Backend, class T>
  BatchResult operator()(const Backend& backend, int batch, int classes, const T* outputs, const std::uint8_t* labels,
                         T scale, T* gradient) const {
    BatchResult result;
    categorical_crossentropy(backend, batch, classes, outputs, labels, T(label_smoothing), scale, gradient, result.loss,
                             result.correct);
    return result;
  }
};

}  // namespace ferlab
