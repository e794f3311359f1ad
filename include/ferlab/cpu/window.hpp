// SPDX-License-Identifier: MIT
// Which pixels a pooling window covers, and which windows cover a pixel.
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/core/geometry.hpp"
#include "ferlab/cpu/context.hpp"

namespace ferlab::detail {

struct Range {
  int begin, end;
};

/// Along one axis, the input positions of window `out` that lie inside of 0..size-1.
inline Range window_pixels(int out, int window, int stride, int pad, int size) {
  const int first = out * stride - pad;
  return {std::max(first, 0), std::min(first + window, size)};
}

/// Along one axis, the windows of 0..count-1 that cover input position `in`.
inline Range covering_windows(int in, int window, int stride, int pad, int count) {
  const int last_missed = in + pad - window;  // where a window may start at most to end before `in`
  return {last_missed < 0 ? 0 : last_missed / stride + 1, std::min((in + pad) / stride + 1, count)};
}

/// The windows that cover one input pixel (h, w) of an image whose windows are numbered from first_window.
struct Covering {
  int h, w;
  Range rows, columns;
  std::ptrdiff_t first_window;

  /// visit(number of the window, the pixel's position in it)
  template <class Visit>
  void visit(const Pool2DGeometry& g, const Visit& visit) const {
    for (int i = rows.begin; i < rows.end; ++i)
      for (int j = columns.begin; j < columns.end; ++j)
        visit(first_window + std::ptrdiff_t(i) * g.out_width + j,
              (h + g.pad_top - i * g.stride) * g.window + w + g.pad_left - j * g.stride);
  }
};

/// body(number of the pixel, Covering) for every input pixel of the batch, on all threads.
template <class Body>
void for_each_pixel(const Cpu& cpu, const Pool2DGeometry& g, const Body& body) {
  const std::ptrdiff_t grain = 1 + 16384 / (std::ptrdiff_t(g.width) * g.channels);
  cpu.parallel_for(std::ptrdiff_t(g.batch) * g.height, grain, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t line = begin; line < end; ++line) {
      const int h = int(line % g.height);
      const std::ptrdiff_t first_window = line / g.height * g.out_height * g.out_width;
      const Range rows = covering_windows(h, g.window, g.stride, g.pad_top, g.out_height);
      for (int w = 0; w < g.width; ++w)
        body(line * g.width + w,
             Covering{h, w, rows, covering_windows(w, g.window, g.stride, g.pad_left, g.out_width), first_window});
    }
  });
}

}  // namespace ferlab::detail
