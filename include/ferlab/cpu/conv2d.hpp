// SPDX-License-Identifier: MIT
// Convolution: forward, and the gradient with respect to the input. The weights' gradient is in
// conv2d_backward_filter.hpp.
#pragma once

#include "ferlab/cpu/conv2d_backward_filter.hpp"
#include "ferlab/cpu/gather_gemm.hpp"
#include "ferlab/ops/conv2d.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab {

namespace detail {

/// T that conv2d_pack writes; does not depend on the batch.
constexpr std::size_t conv2d_packed_size(const ops::Conv2DGeometry& g) {
  return packed_size<float>(g.kernel * g.kernel, g.channels, g.filters);
}
/// Bytes of scratch that conv2d_backward_data needs, for T of up to 8 bytes; does not depend on the batch.
constexpr std::size_t conv2d_backward_data_scratch(const ops::Conv2DGeometry& g) {
  return sizeof(double) * packed_size<float>(g.kernel * g.kernel, g.filters, g.channels);
}

/// Brings w [kernel][kernel][channels][filters] into the order that conv2d_forward reads.
template <class T>
void conv2d_pack(const Cpu& cpu, const ops::Conv2DGeometry& g, const T* w, T* packed) {
  const PanelLayout<T> layout{simd::tiles<T>(), g.kernel * g.kernel, g.channels, g.filters};
  layout.pack(cpu, packed,
              [&](int tap, int c, int f) { return w[(std::ptrdiff_t(tap) * g.channels + c) * g.filters + f]; });
}

/// Of small images, whose padding is much of the work, a line takes one pixel from each image of the batch: all of its
/// pixels then read the same taps, and none that lies outside. Otherwise a line is a row of an image.
constexpr bool lines_across_images(int batch, int width, int kernel) {
  return batch >= 2 * simd::most_rows && width <= 16 && kernel > 1;
}

/// Describes the line of pixel `pixel` of `to` [batch][to_pixels][columns], each of which reads, in its image of
/// `from`, the pixels that `source_of(tap)` names: a pixel's number, or -1 for none.
template <class T, class SourceOf>
void line_across_images(const T* from, int from_pixels, int channels, T* to, int to_pixels, int columns, int batch,
                        int pixel, int tap, int taps_end, const SourceOf& source_of, GatherLine<T>& line) {
  line.count = batch;
  line.out = to + std::ptrdiff_t(pixel) * columns;
  line.out_step = std::ptrdiff_t(to_pixels) * columns;
  line.step = from_pixels;
  line.limit = batch * from_pixels;
  line.taps = 0;
  for (; tap < taps_end; ++tap) {
    const int source = source_of(tap);
    if (source < 0) continue;
    line.tap[line.taps] = tap;
    line.start[line.taps] = 0;
    line.source[line.taps++] = from + std::ptrdiff_t(source) * channels;
  }
}

/// y = activation(conv(x, w) + bias); packed: from conv2d_pack; bias: [filters] or nullptr.
template <class T>
void conv2d_forward(const Cpu& cpu, const ops::Conv2DGeometry& g, const T* x, const T* packed, const T* bias,
                    ops::Activation activation, T* y) {
  const PanelLayout<T> layout{simd::tiles<T>(), g.kernel * g.kernel, g.channels, g.filters};
  const GatherGemm<T> gemm{layout, packed, bias, activation == ops::Activation::relu};
  if (lines_across_images(g.batch, g.out_width, g.kernel)) {
    const int pixels = g.out_height * g.out_width;
    return gemm.run(cpu, pixels, [&](std::ptrdiff_t i, int tap, int taps_end, GatherLine<T>& line) {
      const int top = int(i) / g.out_width * g.stride - g.pad_top, left = int(i) % g.out_width * g.stride - g.pad_left;
      const auto source_of = [&](int t) {
        const int row = top + t / g.kernel, column = left + t % g.kernel;
        return row < 0 || row >= g.height || column < 0 || column >= g.width ? -1 : row * g.width + column;
      };
      line_across_images(x, g.height * g.width, g.channels, y, pixels, g.filters, g.batch, int(i), tap, taps_end,
                         source_of, line);
    });
  }
  gemm.run(cpu, std::ptrdiff_t(g.batch) * g.out_height,
           [&](std::ptrdiff_t i, int tap, int taps_end, GatherLine<T>& line) {
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
void conv2d_backward_data(const Cpu& cpu, const ops::Conv2DGeometry& g, const T* dy, const T* w, T* dx, T* scratch) {
  const PanelLayout<T> layout{simd::tiles<T>(), g.kernel * g.kernel, g.filters, g.channels};
  layout.pack(cpu, scratch,
              [&](int tap, int f, int c) { return w[(std::ptrdiff_t(tap) * g.channels + c) * g.filters + f]; });
  const GatherGemm<T> gemm{layout, scratch, nullptr, false};
  if (lines_across_images(g.batch, g.width, g.kernel)) {
    const int pixels = g.height * g.width;
    return gemm.run(cpu, pixels, [&](std::ptrdiff_t i, int tap, int taps_end, GatherLine<T>& line) {
      const int row = int(i) / g.width + g.pad_top, column = int(i) % g.width + g.pad_left;
      const auto source_of = [&](int t) {
        const int i_times_stride = row - t / g.kernel, j_times_stride = column - t % g.kernel;
        const int out_row = i_times_stride / g.stride, out_column = j_times_stride / g.stride;
        const bool reads = i_times_stride >= 0 && i_times_stride % g.stride == 0 && out_row < g.out_height &&
                           j_times_stride >= 0 && j_times_stride % g.stride == 0 && out_column < g.out_width;
        return reads ? out_row * g.out_width + out_column : -1;
      };
      line_across_images(dy, g.out_height * g.out_width, g.filters, dx, pixels, g.channels, g.batch, int(i), tap,
                         taps_end, source_of, line);
    });
  }
  const std::ptrdiff_t lines = std::ptrdiff_t(g.batch) * g.height * g.stride;
  gemm.run(cpu, lines, [&](std::ptrdiff_t i, int tap, int taps_end, GatherLine<T>& line) {
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

}  // namespace detail

namespace ops {

constexpr std::size_t packed_size(const Cpu*, const Conv2D& op) { return detail::conv2d_packed_size(op.geometry); }
constexpr std::size_t scratch_size(const Cpu*, const Conv2DBackwardData& op) {
  return detail::conv2d_backward_data_scratch(op.geometry);
}

template <class T>
void run(const Cpu& cpu, const PackWeights<Conv2D>& pack, const Memory<T>& m) {
  detail::conv2d_pack<T>(cpu, pack.op.geometry, m[pack.op.kernel], m[pack.op.packed]);
}
template <class T>
void run(const Cpu& cpu, const Conv2D& op, const Memory<T>& m) {
  detail::conv2d_forward<T>(cpu, m.of(op.geometry), m[op.x], m[op.packed], m[op.bias], op.activation, m[op.y]);
}
template <class T>
void run(const Cpu& cpu, const Conv2DBackwardFilter& op, const Memory<T>& m) {
  const ops::Conv2DGeometry g = m.of(op.geometry);
  detail::FilterGradient<T>{g, m[op.x], m[op.dy], m[op.dkernel]}.run(cpu);
}
template <class T>
void run(const Cpu& cpu, const Conv2DBackwardData& op, const Memory<T>& m) {
  detail::conv2d_backward_data<T>(cpu, m.of(op.geometry), m[op.dy], m[op.kernel], m[op.dx],
                                  m.template scratch<T>(op.scratch));
}

}  // namespace ops

}  // namespace ferlab
