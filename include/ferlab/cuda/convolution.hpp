// SPDX-License-Identifier: MIT
// One convolution that a network asks for: which pass, of what shape, on what memory.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "ferlab/ops/geometry.hpp"
#include "kernels/batch_norm.hpp"

namespace ferlab::cuda {

struct Convolution {
  enum class Kind {
    plain,
    bias,
    relu,
    bias_relu,
    data_gradient,
    data_gradient_relu_bias,  ///< propagated through the ReLU and the bias that x came out of
    filter_gradient
  };
  Kind kind;
  ops::Conv2DGeometry g;
  bool statistics = false;  ///< forward: are those of y wanted too?

  /// All that tells one from another.
  std::array<int, 13> numbers() const {
    return {int(kind), g.batch,  g.height, g.width,   g.channels, g.out_height,   g.out_width,
            g.filters, g.kernel, g.stride, g.pad_top, g.pad_left, int(statistics)};
  }
  bool operator<(const Convolution& other) const { return numbers() < other.numbers(); }
  bool is_gradient() const { return kind >= Kind::data_gradient; }
  bool has_bias() const { return kind == Kind::bias || kind == Kind::bias_relu; }
  bool has_relu() const { return kind == Kind::relu || kind == Kind::bias_relu; }
  std::ptrdiff_t pixels_of_x() const { return std::ptrdiff_t(g.batch) * g.height * g.width; }
  std::ptrdiff_t pixels_of_y() const { return std::ptrdiff_t(g.batch) * g.out_height * g.out_width; }
};

/// For errors.
inline std::string text(const Convolution& c) {
  const auto number = [](int n) { return std::to_string(n); };
  return "a convolution of " + number(c.g.batch) + " images of " + number(c.g.height) + " x " + number(c.g.width) +
         " x " + number(c.g.channels) + " with " + number(c.g.filters) + " filters of " + number(c.g.kernel) + " x " +
         number(c.g.kernel);
}

/// On the device. A gradient lies where its name lies: dx in x, dw in w, dy in y, db in bias.
struct ConvolutionMemory {
  const void *x, *w, *y;
  const void* bias = nullptr;               ///< nullptr: none
  const void* relu = nullptr;               ///< for data_gradient_relu_bias: what went in as x
  kernels::ChannelStatistics statistics{};  ///< where they are wanted
  float* scratch = nullptr;  ///< for statistics and db: what batch_norm_scratch_size or bias_scratch_size says
};

}  // namespace ferlab::cuda
