// SPDX-License-Identifier: MIT
// Convolution: forward, and the gradient with respect to the input. The weights' gradient is in
// conv2d_backward_filter.hpp.
#pragma once

#include "ferlab/core/backend.hpp"
#include "ferlab/cpu/conv2d_backward_filter.hpp"
#include "ferlab/cpu/gather_gemm.hpp"

namespace ferlab {

/// T that conv2d_pack writes; does not depend on the batch.
constexpr std::size_t conv2d_packed_size(On<Cpu>, const Conv2DGeometry& g) {
  return detail::packed_size<float>(g.kernel * g.kernel, g.channels, g.filters);
}
/// T of scratch that the two backward functions need; does not depend on the batch.
constexpr std::size_t conv2d_backward_scratch_size(On<Cpu>, const Conv2DGeometry& g) {
  return detail::packed_size<float>(g.kernel * g.kernel, g.filters, g.channels);
}

/// Brings w [kernel][kernel][channels][filters] into the order that conv2d_forward reads.
template <class T>
void conv2d_pack(const Cpu& cpu, const Conv2DGeometry& g, const T* w, T* packed) {
  const detail::PanelLayout<T> layout{simd::tiles<T>(), g.kernel * g.kernel, g.channels, g.filters};
  layout.pack(cpu, packed,
              [&](int tap, int c, int f) { return w[(std::ptrdiff_t(tap) * g.channels + c) * g.filters + f]; });
}

/// y = activation(conv(x, w) + bias); packed: from conv2d_pack; bias: [filters] or nullptr.
template <class T>
void conv2d_forward(const Cpu& cpu, const Conv2DGeometry& g, const T* x, const T* packed, const T* bias,
                    Activation activation, T* y) {
  const detail::PanelLayout<T> layout{simd::tiles<T>(), g.kernel * g.kernel, g.channels, g.filters};
  const detail::GatherGemm<T> gemm{layout, packed, bias, activation == Activation::relu};
  gemm.run(cpu, std::ptrdiff_t(g.batch) * g.out_height,
           [&](std::ptrdiff_t i, int tap, int taps_end, detail::GatherLine<T>& line) {
             const std::ptrdiff_t image = i / g.out_height, row = i % g.out_height;
             line.count = g.out_width;
             line.out = y + i * g.out_width * g.filters;
             line.out_step = g.filters;
             line.step = g.stride;
             line.limit = g.width;
             line.taps = 0;
             for (; tap < taps_end; ++tap) {
               const std::ptrdiff_t in_row = row * g.stride - g.pad_top + tap / g.kernel;
               if (in_row < 0 || in_row >= g.height) continue;
               line.tap[line.taps] = tap;
               line.start[line.taps] = tap % g.kernel - g.pad_left;
               line.source[line.taps++] = x + (image * g.height + in_row) * g.width * g.channels;
             }
           });
}

/// dx from dy and w; every element of dx is written. Input pixels of one column parity (modulo the stride) are gathered
/// together: they read the same taps.
template <class T>
void conv2d_backward_data(const Cpu& cpu, const Conv2DGeometry& g, const T* dy, const T* w, T* dx, T* scratch) {
  const detail::PanelLayout<T> layout{simd::tiles<T>(), g.kernel * g.kernel, g.filters, g.channels};
  layout.pack(cpu, scratch,
              [&](int tap, int f, int c) { return w[(std::ptrdiff_t(tap) * g.channels + c) * g.filters + f]; });
  const detail::GatherGemm<T> gemm{layout, scratch, nullptr, false};
  const std::ptrdiff_t lines = std::ptrdiff_t(g.batch) * g.height * g.stride;
  gemm.run(cpu, lines, [&](std::ptrdiff_t i, int tap, int taps_end, detail::GatherLine<T>& line) {
    const int parity = int(i % g.stride);
    const std::ptrdiff_t row_of_all = i / g.stride, image = row_of_all / g.height, row = row_of_all % g.height;
    line.count = (g.width - parity + g.stride - 1) / g.stride;
    line.out = dx + (row_of_all * g.width + parity) * g.channels;
    line.out_step = std::ptrdiff_t(g.stride) * g.channels;
    line.step = 1;
    line.limit = g.out_width;
    line.taps = 0;
    for (; tap < taps_end; ++tap) {
      const std::ptrdiff_t y_times_stride = row + g.pad_top - tap / g.kernel;
      const int x_times_stride = parity + g.pad_left - tap % g.kernel;
      if (y_times_stride < 0 || y_times_stride % g.stride != 0 || x_times_stride % g.stride != 0) continue;
      const std::ptrdiff_t out_row = y_times_stride / g.stride;
      if (out_row >= g.out_height) continue;
      line.tap[line.taps] = tap;
      line.start[line.taps] = x_times_stride / g.stride;
      line.source[line.taps++] = dy + (image * g.out_height + out_row) * g.out_width * g.filters;
    }
  });
}

}  // namespace ferlab
