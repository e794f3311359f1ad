// SPDX-License-Identifier: MIT
// The gradient of a convolution with respect to its weights: for each tap, the sum over all output pixels of the outer
// product of the input pixel the tap reads and dy. Output tiles are shared out between threads, so no sum is ever
// split.
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/simd/tiles.hpp"
#include "ferlab/ops/geometry.hpp"

namespace ferlab {

namespace detail {

template <class T>
struct FilterGradient {
  const ops::Conv2DGeometry& g;
  const T *x, *dy;
  T* dw;
  const simd::Tiles<T>& tiles = simd::tiles<T>();

  // The pixels of a group of output rows stay in the L2 cache while all tiles pass over them.
  static constexpr std::ptrdiff_t group_bytes = 512 * 1024;
  static constexpr int most_segments = 64;

  int panels() const { return (g.filters + tiles.panel_width() - 1) / tiles.panel_width(); }
  int channel_tiles() const { return (g.channels + simd::most_rows - 1) / simd::most_rows; }

  void run(const Cpu& cpu) const {
    const std::ptrdiff_t rows = std::ptrdiff_t(g.batch) * g.out_height;
    const std::ptrdiff_t row_bytes = std::ptrdiff_t(g.out_width) *
                                     (g.channels * g.stride + std::min(g.filters, tiles.panel_width())) *
                                     std::ptrdiff_t(sizeof(T));
    const std::ptrdiff_t group = std::clamp<std::ptrdiff_t>(group_bytes / row_bytes, 1, most_segments);
    const int taps = g.kernel * g.kernel;
    const std::ptrdiff_t count = std::ptrdiff_t(panels()) * channel_tiles() * taps;
    // Each piece reads all of x and dy: no more pieces than threads.
    cpu.parallel_for(count, count / cpu.threads(), [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
      for (std::ptrdiff_t first = 0; first < rows; first += group)
        for (std::ptrdiff_t i = begin; i < end; ++i) {
          const int tap = int(i % taps), channel_tile = int(i / taps) % channel_tiles();
          tile(tap, channel_tile, int(i / taps / channel_tiles()), first, std::min(rows, first + group), first > 0);
        }
    });
  }

 private:
  void tile(int tap, int channel_tile, int panel, std::ptrdiff_t first, std::ptrdiff_t last, bool accumulate) const {
    const int c0 = int(std::ptrdiff_t(g.channels) * channel_tile / channel_tiles());
    const int rows = int(std::ptrdiff_t(g.channels) * (channel_tile + 1) / channel_tiles()) - c0;
    const int f0 = panel * tiles.panel_width(), used = std::min(tiles.panel_width(), g.filters - f0);
    simd::Segment<T> segments[most_segments];
    int count = 0;
    // Columns whose tap lies inside the image.
    const int dx = tap % g.kernel - g.pad_left;
    const int begin = dx < 0 ? (-dx + g.stride - 1) / g.stride : 0;
    const int end = std::min(g.out_width, (g.width - 1 - dx) / g.stride + 1);
    for (std::ptrdiff_t i = first; i < last && g.width > dx && begin < end; ++i) {
      const std::ptrdiff_t image = i / g.out_height, row = i % g.out_height * g.stride - g.pad_top + tap / g.kernel;
      if (row < 0 || row >= g.height) continue;
      segments[count++] = {x + ((image * g.height + row) * g.width + begin * g.stride + dx) * g.channels,
                           dy + (i * g.out_width + begin) * g.filters, end - begin};
    }
    T* out = dw + (std::ptrdiff_t(tap) * g.channels + c0) * g.filters + f0;
    // A panel that is not a whole number of tiles ends in narrower tiles, and at last in single columns.
    for (int done = 0; done < used;) {
      const int left = used - done;
      int vectors = tiles.vectors;
      while (vectors > 1 && vectors * tiles.lanes > left) vectors /= 2;
      if (vectors * tiles.lanes > left) {
        scalar_columns(segments, count, c0, rows, f0 + done, left, accumulate, out + done);
        break;
      }
      tiles.outer[rows - 1][tiles.column(vectors)]({.segment = segments,
                                                    .segments = count,
                                                    .a_offset = c0,
                                                    .b_offset = f0 + done,
                                                    .lda = std::ptrdiff_t(g.channels) * g.stride,
                                                    .ldb = g.filters,
                                                    .accumulate = accumulate,
                                                    .out = out + done,
                                                    .stride = g.filters});
      done += vectors * tiles.lanes;
    }
  }

  void scalar_columns(const simd::Segment<T>* segments, int count, int c0, int rows, int f0, int columns,
                      bool accumulate, T* out) const {
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j) {
        T sum = accumulate ? out[i * std::ptrdiff_t(g.filters) + j] : T(0);
        for (int s = 0; s < count; ++s)
          for (int k = 0; k < segments[s].length; ++k)
            sum += segments[s].a[std::ptrdiff_t(k) * g.stride * g.channels + c0 + i] *
                   segments[s].b[std::ptrdiff_t(k) * g.filters + f0 + j];
        out[i * std::ptrdiff_t(g.filters) + j] = sum;
      }
  }
};

}  // namespace detail

}  // namespace ferlab
