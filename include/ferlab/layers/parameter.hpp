// SPDX-License-Identifier: MIT
// The weights a layer owns: what they are called, how large they are, how they begin, and what penalises them.
#pragma once

#include <array>
#include <cstddef>

namespace ferlab {

/// How a weight begins. Fans count the receptive field, as in Keras: fan_in = kernel * kernel * in, fan_out likewise.
/// Source: Keras `initializers/random_initializers.py`.
enum class Initializer {
  glorot_uniform,  ///< uniform in +-sqrt(6 / (fan_in + fan_out))
  he_normal,       ///< normal cut at two deviations, variance 2 / fan_in after the cut
  zeros,
  ones
};

/// Adds `factor` * sum(w^2) to the loss, and so 2 * factor * w to the gradient; as keras.regularizers.L2.
struct L2 {
  float factor = 0;
};

/// One weight array of a layer. `dims` past `rank` are 1. Not trainable: running statistics, which no optimizer
/// touches.
struct Parameter {
  const char* name = "";
  int rank = 0;
  std::array<int, 4> dims{1, 1, 1, 1};
  bool trainable = true;
  bool of_convolution = false;  ///< the kernel that conv2d's ops read: a backend may keep it in an order of its own

  constexpr std::size_t size() const {
    return std::size_t(dims[0]) * std::size_t(dims[1]) * std::size_t(dims[2]) * std::size_t(dims[3]);
  }
  constexpr double fan_in() const {
    double fan = 1;
    for (int i = 0; i + 1 < rank; ++i) fan *= dims[std::size_t(i)];
    return rank > 1 ? fan : dims[0];
  }
  constexpr double fan_out() const {
    double fan = dims[std::size_t(rank > 0 ? rank - 1 : 0)];
    for (int i = 0; i + 2 < rank; ++i) fan *= dims[std::size_t(i)];
    return fan;
  }
};

namespace detail {
/// Every weight array begins at a multiple of 16 elements: 64 bytes in float.
constexpr std::size_t weight_extent(std::size_t n) { return (n + 15) / 16 * 16; }
}  // namespace detail

}  // namespace ferlab
