// SPDX-License-Identifier: MIT
// Which pixels a pooling window covers, and which windows cover a pixel. Windows are numbered as the pixels of y.
#pragma once

#include "ferlab/ops/geometry.hpp"
#include "kernels/counts.hpp"
#include "kernels/device.cuh"

namespace ferlab::kernels {

/// What of a window lies inside of its image.
struct Window {
  std::ptrdiff_t first_pixel;  ///< number of its upper left pixel
  int first_position;          ///< that pixel's position in the whole window: row * window + column
  int height, width;

  __device__ Window(const ops::Pool2DGeometry& g, int number) {
    const int line = number / g.out_width;
    const int top = line % g.out_height * g.stride - g.pad_top, left = number % g.out_width * g.stride - g.pad_left;
    const int h = top > 0 ? top : 0, w = left > 0 ? left : 0;
    first_pixel = std::ptrdiff_t(line / g.out_height * g.height + h) * g.width + w;
    first_position = (h - top) * g.window + w - left;
    height = (top + g.window < g.height ? top + g.window : g.height) - h;
    width = (left + g.window < g.width ? left + g.window : g.width) - w;
  }
};

/// visit(number of the window, the pixel's position in it) for the windows that cover pixel `number`.
template <class Visit>
__device__ void for_each_covering(const ops::Pool2DGeometry& g, int number, const Visit& visit) {
  const int line = number / g.width, h = line % g.height + g.pad_top, w = number % g.width + g.pad_left;
  const std::ptrdiff_t first = std::ptrdiff_t(line / g.height) * g.out_height * g.out_width;
  const auto begin = [&](int at) { return at < g.window ? 0 : (at - g.window) / g.stride + 1; };
  for (int i = begin(h); i <= h / g.stride && i < g.out_height; ++i)
    for (int j = begin(w); j <= w / g.stride && j < g.out_width; ++j)
      visit(first + std::ptrdiff_t(i) * g.out_width + j, (h - i * g.stride) * g.window + w - j * g.stride);
}

inline int windows_of(const ops::Pool2DGeometry& g) { return count_of(g.batch, g.out_height, g.out_width); }
inline int pixels_of(const ops::Pool2DGeometry& g) { return count_of(g.batch, g.height, g.width); }

/// N positions, one byte each.
template <int N>
struct alignas(N) Positions {
  std::uint8_t v[N];
};

}  // namespace ferlab::kernels
