// SPDX-License-Identifier: MIT
// How a window (a convolution kernel, a pool) travels over an image: the arithmetic of Keras's "same" and "valid".
#pragma once

#include <algorithm>

namespace ferlab {

enum class Padding { valid, same };

namespace detail {

/// Windows that fit along one axis. Source: TensorFlow, `tf.nn.convolution`, notes on padding.
constexpr int window_count(int size, int window, int stride, Padding padding) {
  return padding == Padding::same ? (size + stride - 1) / stride : size < window ? 0 : (size - window) / stride + 1;
}

/// Zeros before the first pixel of one axis; with an odd total the extra zero comes after the last pixel.
constexpr int window_padding(int size, int window, int stride, Padding padding) {
  if (padding == Padding::valid) return 0;
  return std::max((window_count(size, window, stride, padding) - 1) * stride + window - size, 0) / 2;
}

}  // namespace detail

}  // namespace ferlab
