// SPDX-License-Identifier: MIT
// The runs of layers that a backend does in one go where it has the ops for them and says so: `fuses_common_runs`.
#pragma once

#include "ferlab/layers/batch_norm.hpp"
#include "ferlab/layers/conv2d.hpp"
#include "ferlab/layers/dense.hpp"
#include "ferlab/layers/dropout.hpp"
#include "ferlab/layers/max_pool.hpp"
#include "ferlab/layers/relu.hpp"
#include "ferlab/model/fusion.hpp"

namespace ferlab {

template <class Backend>
concept FusesCommonRuns = Backend::fuses_common_runs;

/// Conv2D + ReLU: bias and ReLU in the convolution's epilogue; one pass masks dy and sums the bias gradient.
template <FusesCommonRuns B, int Filters, int KernelSize, Padding Pad, int Stride>
struct Fusion<B, Conv2D<Filters, KernelSize, Pad, Stride, Bias::yes>, ReLU> {
  using Conv = Conv2D<Filters, KernelSize, Pad, Stride, Bias::yes>;
  using Stage = Layers<Conv, ReLU>;
  static constexpr Neighbours neighbours{.bias_before_relu = 1, .takes_relu = true, .gives_statistics = true};

  template <class Backend>
  static constexpr Memory memory(Shape in) {
    Memory memory = Conv::template memory<Backend>(in);
    memory.backward_reads_output = true;
    return memory;
  }
  template <class T, class V>
  static void prepare(const B& backend, const Stage& stage, const Pass<T, V>& p) {
    stage.template at<0>().prepare(backend, p);
  }
  template <class T, class V>
  static void forward(const B& backend, const Stage& stage, const Pass<T, V>& p) {
    stage.template at<0>().forward(backend, p, Activation::relu);
  }
  template <class T, class V>
  static void infer(const B& backend, const Stage& stage, const Pass<T, V>& p) {
    forward(backend, stage, p);
  }
  template <class T, class V>
  static void backward(const B& backend, const Stage& stage, const Pass<T, V>& p) {
    if (!p.relu_is_done)
      relu_bias_backward(backend, std::ptrdiff_t(p.batch) * p.out.height * p.out.width, Filters, p.y, p.dy,
                         p.gradient[1], p.scratch);
    stage.template at<0>().backward_kernel(backend, p);
  }
};

/// Dense + ReLU, in the same way.
template <FusesCommonRuns B, int Units>
struct Fusion<B, Dense<Units, Bias::yes>, ReLU> {
  using Stage = Layers<Dense<Units, Bias::yes>, ReLU>;
  static constexpr Neighbours neighbours{.bias_before_relu = 1};

  template <class Backend>
  static constexpr Memory memory(Shape in) {
    Memory memory = Dense<Units>::template memory<Backend>(in);
    memory.backward_reads_output = true;
    return memory;
  }
  template <class T, class V>
  static void prepare(const B& backend, const auto& stage, const Pass<T, V>& p) {
    stage.template at<0>().prepare(backend, p);
  }
  template <class T, class V>
  static void forward(const B& backend, const auto&, const Pass<T, V>& p) {
    dense_forward(backend, p.batch, p.in.channels, Units, p.x, p.prepared, p.rounded[1], Activation::relu, p.y);
  }
  template <class T, class V>
  static void infer(const B& backend, const auto& stage, const Pass<T, V>& p) {
    forward(backend, stage, p);
  }
  template <class T, class V>
  static void backward(const B& backend, const auto& stage, const Pass<T, V>& p) {
    if (!p.relu_is_done) relu_bias_backward(backend, p.batch, Units, p.y, p.dy, p.gradient[1], p.scratch);
    stage.template at<0>().backward_kernel(backend, p);
  }
};

/// Dense + ReLU + Dropout: dropout follows on the small output while it is in cache. A value that is zero afterwards
/// was masked by either, and both masks stop the gradient, so the output alone tells the backward pass what to do.
template <FusesCommonRuns B, int Units>
struct Fusion<B, Dense<Units, Bias::yes>, ReLU, Dropout> : Fusion<B, Dense<Units, Bias::yes>, ReLU> {
  using WithoutDropout = Fusion<B, Dense<Units, Bias::yes>, ReLU>;

  static constexpr Neighbours neighbours{};  // Dropout is last

  template <class T, class V>
  static void forward(const B& backend, const auto& stage, const Pass<T, V>& p) {
    WithoutDropout::forward(backend, stage, p);
    dropout_forward(backend, p.batch, Units, stage.template at<2>().rate, p.random_of(2), p.y, p.y);
  }
  template <class T, class V>
  static void backward(const B& backend, const auto& stage, const Pass<T, V>& p) {
    dropout_backward(backend, p.batch, Units, stage.template at<2>().rate, p.random_of(2), p.dy, p.dy);
    WithoutDropout::backward(backend, stage, p);
  }
};

/// BatchNorm + MaxPool + Dropout: the normalised image is never written, and the sums that the backward pass needs come
/// from the pooled values, a quarter of the traffic. Windows must not overlap.
template <FusesCommonRuns B, int Window>
struct Fusion<B, BatchNorm, MaxPool<Window, Window, Padding::valid>, Dropout> {
  using Pool = MaxPool<Window, Window, Padding::valid>;
  using Stage = Layers<BatchNorm, Pool, Dropout>;
  static constexpr Neighbours neighbours{.takes_relu = true, .takes_statistics = true};

  template <class Backend>
  static constexpr Memory memory(Shape in) {
    Memory memory = BatchNorm::memory<Backend>(in);
    memory.in_place_backward = false;
    memory.saved_bytes_a_sample = Pool::output(in).size() * batch_norm_max_pool_dropout_saved_bytes(On<Backend>{});
    return memory;
  }
  template <class T, class V>
  static void forward(const B& backend, const Stage& stage, const Pass<T, V>& p) {
    stage.template at<0>().find_statistics(backend, p);
    batch_norm_max_pool_dropout_forward_training(
        backend, Pool::geometry(p.in, p.batch), p.x, p.parameter[0], p.parameter[1], p.saved, p.saved + p.in.channels,
        stage.template at<2>().rate, p.random_of(2), p.y, p.saved_bytes, p.scratch);
  }
  template <class T, class V>
  static void backward(const B& backend, const Stage& stage, const Pass<T, V>& p) {
    batch_norm_max_pool_dropout_backward(backend, Pool::geometry(p.in, p.batch), p.x, p.dy, p.parameter[0], p.saved,
                                         p.saved + p.in.channels, stage.template at<2>().rate, p.random_of(2),
                                         p.saved_bytes, p.dx, p.gradient[0], p.gradient[1], p.relu_bias_gradient,
                                         p.scratch);
  }
  template <class T, class V>
  static void infer(const B& backend, const Stage& stage, const Pass<T, V>& p) {
    batch_norm_max_pool_inference(backend, Pool::geometry(p.in, p.batch), p.x, p.parameter[0], p.parameter[1],
                                  p.parameter[2], p.parameter[3], T(stage.template at<0>().epsilon), p.y);
  }
};

}  // namespace ferlab
