// SPDX-License-Identifier: MIT
// The runs of layers that the CPU backend does in one go.
#pragma once

#include "ferlab/cpu/batch_norm_max_pool_dropout.hpp"
#include "ferlab/cpu/conv2d.hpp"
#include "ferlab/cpu/dense.hpp"
#include "ferlab/cpu/dropout.hpp"
#include "ferlab/layers/batch_norm.hpp"
#include "ferlab/layers/conv2d.hpp"
#include "ferlab/layers/dense.hpp"
#include "ferlab/layers/dropout.hpp"
#include "ferlab/layers/max_pool.hpp"
#include "ferlab/layers/relu.hpp"
#include "ferlab/model/fusion.hpp"

namespace ferlab {

/// Conv2D + ReLU: bias and ReLU in the convolution's epilogue; one pass masks dy and sums the bias gradient.
template <int Filters, int KernelSize, Padding Pad, int Stride>
struct Fusion<Cpu, Conv2D<Filters, KernelSize, Pad, Stride, Bias::yes>, ReLU> {
  using Conv = Conv2D<Filters, KernelSize, Pad, Stride, Bias::yes>;
  using Stage = Layers<Conv, ReLU>;

  template <class Backend>
  static constexpr Memory memory(Shape in) {
    Memory memory = Conv::template memory<Backend>(in);
    memory.backward_reads_output = true;
    return memory;
  }
  template <class T>
  static void prepare(const Cpu& cpu, const Stage& stage, const Pass<T>& p) {
    stage.template at<0>().prepare(cpu, p);
  }
  template <class T>
  static void forward(const Cpu& cpu, const Stage&, const Pass<T>& p) {
    conv2d_forward(cpu, Conv::geometry(p.in, p.batch), p.x, p.prepared, p.parameter[1], Activation::relu, p.y);
  }
  template <class T>
  static void infer(const Cpu& cpu, const Stage& stage, const Pass<T>& p) {
    forward(cpu, stage, p);
  }
  template <class T>
  static void backward(const Cpu& cpu, const Stage& stage, const Pass<T>& p) {
    relu_bias_backward(cpu, std::ptrdiff_t(p.batch) * p.out.height * p.out.width, Filters, p.y, p.dy, p.gradient[1]);
    stage.template at<0>().backward_kernel(cpu, p);
  }
};

/// Dense + ReLU, in the same way.
template <int Units>
struct Fusion<Cpu, Dense<Units, Bias::yes>, ReLU> {
  using Stage = Layers<Dense<Units, Bias::yes>, ReLU>;

  template <class Backend>
  static constexpr Memory memory(Shape in) {
    Memory memory = Dense<Units>::template memory<Backend>(in);
    memory.backward_reads_output = true;
    return memory;
  }
  template <class T>
  static void prepare(const Cpu& cpu, const auto& stage, const Pass<T>& p) {
    stage.template at<0>().prepare(cpu, p);
  }
  template <class T>
  static void forward(const Cpu& cpu, const auto&, const Pass<T>& p) {
    dense_forward(cpu, p.batch, p.in.channels, Units, p.x, p.prepared, p.parameter[1], Activation::relu, p.y);
  }
  template <class T>
  static void infer(const Cpu& cpu, const auto& stage, const Pass<T>& p) {
    forward(cpu, stage, p);
  }
  template <class T>
  static void backward(const Cpu& cpu, const auto& stage, const Pass<T>& p) {
    relu_bias_backward(cpu, p.batch, Units, p.y, p.dy, p.gradient[1]);
    stage.template at<0>().backward_kernel(cpu, p);
  }
};

/// Dense + ReLU + Dropout: dropout follows on the small output while it is in cache. A value that is zero afterwards
/// was masked by either, and both masks stop the gradient, so the output alone tells the backward pass what to do.
template <int Units>
struct Fusion<Cpu, Dense<Units, Bias::yes>, ReLU, Dropout> : Fusion<Cpu, Dense<Units, Bias::yes>, ReLU> {
  using WithoutDropout = Fusion<Cpu, Dense<Units, Bias::yes>, ReLU>;

  template <class T>
  static void forward(const Cpu& cpu, const auto& stage, const Pass<T>& p) {
    WithoutDropout::forward(cpu, stage, p);
    dropout_forward(cpu, p.batch, Units, stage.template at<2>().rate, p.random_of(2), p.y, p.y);
  }
  template <class T>
  static void backward(const Cpu& cpu, const auto& stage, const Pass<T>& p) {
    dropout_backward(cpu, p.batch, Units, stage.template at<2>().rate, p.random_of(2), p.dy, p.dy);
    WithoutDropout::backward(cpu, stage, p);
  }
};

/// BatchNorm + MaxPool + Dropout: the normalised image is never written, and the sums that the backward pass needs come
/// from the pooled values, a quarter of the traffic. Windows must not overlap.
template <int Window>
struct Fusion<Cpu, BatchNorm, MaxPool<Window, Window, Padding::valid>, Dropout> {
  using Pool = MaxPool<Window, Window, Padding::valid>;
  using Stage = Layers<BatchNorm, Pool, Dropout>;

  template <class Backend>
  static constexpr Memory memory(Shape in) {
    Memory memory = BatchNorm::memory<Backend>(in);
    memory.in_place_backward = false;
    memory.saved_bytes_a_sample = Pool::template memory<Backend>(in).saved_bytes_a_sample;
    return memory;
  }
  template <class T>
  static void forward(const Cpu& cpu, const Stage& stage, const Pass<T>& p) {
    const BatchNorm& norm = stage.template at<0>();
    batch_norm_max_pool_dropout_forward_training(
        cpu, Pool::geometry(p.in, p.batch), p.x, p.parameter[0], p.parameter[1], T(norm.epsilon), T(norm.momentum),
        stage.template at<2>().rate, p.random_of(2), p.y, p.saved_bytes, p.saved, p.saved + p.in.channels,
        p.parameter[2], p.parameter[3], p.scratch);
  }
  template <class T>
  static void backward(const Cpu& cpu, const Stage& stage, const Pass<T>& p) {
    batch_norm_max_pool_dropout_backward(cpu, Pool::geometry(p.in, p.batch), p.x, p.dy, p.parameter[0], p.saved,
                                         p.saved + p.in.channels, stage.template at<2>().rate, p.random_of(2),
                                         p.saved_bytes, p.dx, p.gradient[0], p.gradient[1], p.scratch);
  }
  template <class T>
  static void infer(const Cpu& cpu, const Stage& stage, const Pass<T>& p) {
    batch_norm_max_pool_inference(cpu, Pool::geometry(p.in, p.batch), p.x, p.parameter[0], p.parameter[1],
                                  p.parameter[2], p.parameter[3], T(stage.template at<0>().epsilon), p.y);
  }
};

}  // namespace ferlab
