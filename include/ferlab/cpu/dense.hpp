// SPDX-License-Identifier: MIT
// A dense layer is a 1 x 1 convolution over an image one pixel high and one batch wide.
#pragma once

#include "ferlab/cpu/bias.hpp"
#include "ferlab/cpu/conv2d.hpp"

namespace ferlab {

namespace detail {
constexpr Conv2DGeometry dense_geometry(int batch, int in, int units) {
  return {1, 1, batch, in, 1, batch, units, 1, 1, 0, 0};
}
}  // namespace detail

/// T that dense_pack writes.
constexpr std::size_t dense_packed_size(On<Cpu> cpu, int in, int units) {
  return conv2d_packed_size(cpu, detail::dense_geometry(1, in, units));
}
/// T of scratch that the two backward functions need.
constexpr std::size_t dense_backward_scratch_size(On<Cpu> cpu, int in, int units) {
  return conv2d_backward_scratch_size(cpu, detail::dense_geometry(1, in, units));
}
/// Brings w [in][units] into the order that dense_forward reads.
template <class T>
void dense_pack(const Cpu& cpu, int in, int units, const T* w, T* packed) {
  conv2d_pack(cpu, detail::dense_geometry(1, in, units), w, packed);
}
/// y [batch][units] = activation(x [batch][in] * w + bias); packed: from dense_pack; bias: [units] or nullptr.
template <class T>
void dense_forward(const Cpu& cpu, int batch, int in, int units, const T* x, const T* packed, const T* bias,
                   Activation activation, T* y) {
  conv2d_forward(cpu, detail::dense_geometry(batch, in, units), x, packed, bias, activation, y);
}
/// dx [batch][in] = dy [batch][units] * transposed w.
template <class T>
void dense_backward_data(const Cpu& cpu, int batch, int in, int units, const T* dy, const T* w, T* dx, T* scratch) {
  conv2d_backward_data(cpu, detail::dense_geometry(batch, in, units), dy, w, dx, scratch);
}
/// dw [in][units] = transposed x * dy.
template <class T>
void dense_backward_filter(const Cpu& cpu, int batch, int in, int units, const T* x, const T* dy, T* dw, T* scratch) {
  conv2d_backward_filter(cpu, detail::dense_geometry(batch, in, units), x, dy, dw, scratch);
}

}  // namespace ferlab
