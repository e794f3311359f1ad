// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/layers/layer.hpp"

namespace ferlab {

/// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta for each channel, over batch and pixels; any shape. In
/// training mean and biased variance are the batch's and move the running ones: moving = momentum * moving + (1 -
/// momentum) * batch; otherwise they are the running ones. Weights, [c] each: gamma, beta; not trainable: moving_mean,
/// moving_variance. As keras.layers.BatchNormalization (Keras 3).
struct BatchNorm {
  float momentum = 0.99f;
  float epsilon = 1e-3f;

  static constexpr const char* name = "batch_norm";

  static constexpr auto parameters(Shape in) {
    return std::array<Parameter, 4>{{{"gamma", 1, {in.channels, 1, 1, 1}},
                                     {"beta", 1, {in.channels, 1, 1, 1}},
                                     {"moving_mean", 1, {in.channels, 1, 1, 1}, false},
                                     {"moving_variance", 1, {in.channels, 1, 1, 1}, false}}};
  }
  static constexpr Neighbours neighbours{.takes_relu = true, .takes_statistics = true};
  template <class Backend>
  static constexpr Memory memory(Shape in) {
    return {.backward_reads_output = false,
            .in_place_backward = true,
            .saved = 2 * std::size_t(in.channels),
            .scratch = batch_norm_scratch_size(On<Backend>{}, in.channels)};
  }
  Initializer initializer(int parameter) const { return parameter == 0 || parameter == 3 ? ones : zeros; }

  template <class Backend, class T, class V>
  void forward(const Backend& backend, const Pass<T, V>& p) const {
    find_statistics(backend, p);
    batch_norm_forward_training(backend, rows(p), p.in.channels, p.x, p.parameter[0], p.parameter[1], p.saved,
                                p.saved + p.in.channels, p.y, p.scratch);
  }
  template <class Backend, class T, class V>
  void backward(const Backend& backend, const Pass<T, V>& p) const {
    batch_norm_backward(backend, rows(p), p.in.channels, p.x, p.dy, p.parameter[0], p.saved, p.saved + p.in.channels,
                        p.dx, p.gradient[0], p.gradient[1], p.relu_bias_gradient, p.scratch);
  }
  template <class Backend, class T, class V>
  void infer(const Backend& backend, const Pass<T, V>& p) const {
    batch_norm_forward_inference(backend, rows(p), p.in.channels, p.x, p.parameter[0], p.parameter[1], p.parameter[2],
                                 p.parameter[3], T(epsilon), p.y);
  }

  /// Where the statistics of what enters go in training.
  template <class T, class V>
  BatchStatistics<T> statistics(const Pass<T, V>& p) const {
    return {T(epsilon), T(momentum), p.saved, p.saved + p.in.channels, p.parameter[2], p.parameter[3]};
  }
  /// The part of `forward` that fused stages share, and that the stage before may have done.
  template <class Backend, class T, class V>
  void find_statistics(const Backend& backend, const Pass<T, V>& p) const {
    if (!p.statistics_are_done) batch_statistics(backend, rows(p), p.in.channels, p.x, statistics(p), p.scratch);
  }

  template <class T, class V>
  static std::ptrdiff_t rows(const Pass<T, V>& p) {
    return std::ptrdiff_t(p.batch) * p.in.height * p.in.width;
  }
};

}  // namespace ferlab
