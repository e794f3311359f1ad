// SPDX-License-Identifier: MIT
// What a layer is. Any type with `forward` and `backward` is one; everything else below has a default:
//
//   static constexpr const char* name             "conv2d"; numbered by the model: conv2d, conv2d_1, ...
//   static constexpr bool accepts(Shape in)       can this shape enter? (default: always)
//   template <Shape In> struct rejected           holds the static_assert whose text the user reads when it cannot
//   static constexpr Shape output(Shape in)       (default: the same shape)
//   static constexpr std::array<Parameter, N> parameters(Shape in)      (default: none)
//   template <class Backend> static constexpr Memory memory(Shape in)
//                                                 what the plan must keep (default: input and output, nothing else)
//   static constexpr Neighbours neighbours        what it can do for the stages beside it (default: nothing)
//   Initializer initializer(int parameter) const  (default: zeros)
//   L2 regularizer(int parameter) const           (default: none)
//   void prepare(backend, Pass) const             brings weights into the form `forward` reads, after they changed
//   void infer(backend, Pass) const               forward outside of training (default: forward)
//   void forward(backend, Pass) const
//   void backward(backend, Pass) const
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include "ferlab/core/backend.hpp"
#include "ferlab/core/batch_statistics.hpp"
#include "ferlab/core/shape.hpp"
#include "ferlab/core/step_state.hpp"
#include "ferlab/layers/parameter.hpp"

namespace ferlab {

/// What a layer (or a fused stage) needs of the memory plan. Counts of T are a constant, not a sample, unless they say
/// so.
struct Memory {
  bool backward_reads_input = true;      ///< x still holds the input when `backward` runs
  bool backward_reads_output = true;     ///< y still holds the output when `backward` runs
  bool in_place = false;                 ///< y may be the same memory as x (x is then lost)
  bool in_place_backward = false;        ///< dx may be the same memory as dy
  bool skips_dx = false;                 ///< `backward` takes dx = nullptr where nobody needs the input's gradient
  bool view = false;                     ///< y is x under another shape: neither pass is called at all
  std::size_t saved_bytes_a_sample = 0;  ///< bytes kept from forward to backward for each sample (pooling positions)
  std::size_t saved = 0;                 ///< T kept from forward to backward for the batch (batch statistics)
  std::size_t scratch = 0;               ///< T needed while one pass runs
  std::size_t prepared = 0;              ///< V that `prepare` fills and `forward` and `infer` read
};

/// What a layer (or a fused stage) can do for the stages beside it; what the plan makes of it stands in Pass. A fusion
/// has none of its layers' unless it says so.
struct Neighbours {
  int bias_before_relu = -1;      ///< it ends in a bias, this one of its parameters, and a ReLU
  bool takes_relu = false;        ///< `backward` can take dx on through a bias and a ReLU that x came out of
  bool gives_statistics = false;  ///< `forward` can find the statistics of y that a BatchNorm after it wants
  bool takes_statistics = false;  ///< it begins with a BatchNorm, and asks Pass whether they are done
};

/// What one layer, or one fused stage of several, is handed for one batch. `parameter` and `gradient` follow the order
/// of the layer's table (of all layers of the stage, one after another); entries that are not trainable have no
/// gradient. T is what weights and statistics are in, V what stands between the layers and what gradients are in. All
/// pointers are to the backend's memory.
template <class T, class V = T>
struct Pass {
  int batch = 0;
  Shape in, out;         ///< of one sample, at the stage's ends
  const V* x = nullptr;  ///< [batch][in]
  V* y = nullptr;        ///< [batch][out]
  V* dy = nullptr;       ///< [batch][out]; the stage may destroy it
  V* dx = nullptr;       ///< [batch][in]; every element is written; see Memory::skips_dx
  std::array<T*, max_parameters> parameter{};
  std::array<const V*, max_parameters> rounded{};  ///< `parameter` as V: the same memory where V is T
  std::array<V*, max_parameters> gradient{};       ///< overwritten, not added to
  T* saved = nullptr;
  std::uint8_t* saved_bytes = nullptr;
  T* scratch = nullptr;
  V* prepared = nullptr;  ///< what `prepare` filled; the first parameter, rounded, on a backend that prepares nothing
  StepStream random{};    ///< the stream of the stage's first layer in this step

  /// Not nullptr: x came out of a bias and a ReLU, and dx is to be the gradient of what entered the bias, this the
  /// bias's own [in.channels]. Only where Neighbours::takes_relu.
  V* relu_bias_gradient = nullptr;
  /// Not nullptr: the BatchNorm after this stage leaves it to `forward` to find the statistics of y. Only where
  /// Neighbours::gives_statistics; the scratch is then enough for that BatchNorm.
  const BatchStatistics<T>* statistics = nullptr;
  bool statistics_are_done = false;  ///< the statistics of x have been found already
  bool relu_is_done = false;         ///< dy has been taken on through this stage's bias_before_relu and ReLU already

  /// The stream of the stage's `offset`-th layer: what that layer would draw from if it ran alone.
  StepStream random_of(int offset) const {
    StepStream stream = random;
    stream.index += std::uint32_t(offset);
    return stream;
  }
};

/// One layer as the model sees it, defaults filled in.
template <class L>
struct LayerTraits {
  static constexpr const char* name = [] {
    if constexpr (requires { L::name; })
      return L::name;
    else
      return "layer";
  }();
  static constexpr bool accepts(Shape in) {
    if constexpr (requires { L::accepts(in); })
      return L::accepts(in);
    else
      return true;
  }
  static constexpr Shape output(Shape in) {
    if constexpr (requires { L::output(in); })
      return L::output(in);
    else
      return in;
  }
  static constexpr auto parameters(Shape in) {
    if constexpr (requires { L::parameters(in); })
      return L::parameters(in);
    else
      return std::array<Parameter, 0>{};
  }
  template <class Backend>
  static constexpr Memory memory(Shape in) {
    if constexpr (requires { L::template memory<Backend>(in); })
      return L::template memory<Backend>(in);
    else
      return Memory{};
  }
  static constexpr Neighbours neighbours = [] {
    if constexpr (requires { L::neighbours; })
      return L::neighbours;
    else
      return Neighbours{};
  }();
  static Initializer initializer(const L& layer, int parameter) {
    if constexpr (requires { layer.initializer(parameter); })
      return layer.initializer(parameter);
    else
      return zeros;
  }
  static L2 regularizer(const L& layer, int parameter) {
    if constexpr (requires { layer.regularizer(parameter); })
      return layer.regularizer(parameter);
    else
      return L2{};
  }
};

}  // namespace ferlab
