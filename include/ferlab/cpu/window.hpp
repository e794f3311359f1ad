// SPDX-License-Identifier: MIT
// Which pixels a pooling window covers, and which windows cover a pixel.
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/ops/geometry.hpp"

namespace ferlab::detail {

/// What of a window lies inside of its image. Windows are numbered as the pixels of y.
struct Window {
  std::ptrdiff_t first_pixel;  ///< number of its upper left pixel
  int first_position;          ///< that pixel's position in the whole window: row * window + column
  int height, width;

  Window(const ops::Pool2DGeometry& g, std::ptrdiff_t number)
      : Window(g, number / g.out_width / g.out_height, int(number / g.out_width % g.out_height),
               int(number % g.out_width)) {}

  /// Window (i, j) of an image.
  Window(const ops::Pool2DGeometry& g, std::ptrdiff_t image, int i, int j) {
    const int top = i * g.stride - g.pad_top, left = j * g.stride - g.pad_left;
    const int h = std::max(top, 0), w = std::max(left, 0);
    first_pixel = (image * g.height + h) * g.width + w;
    first_position = (h - top) * g.window + w - left;
    height = std::min(top + g.window, g.height) - h;
    width = std::min(left + g.window, g.width) - w;
  }
};

/// visit(h, w) for all h < height, w < width; without a loop for 2 x 2, which most windows are.
template <class Visit>
inline void for_each_tap(int height, int width, const Visit& visit) {
  if (height == 2 && width == 2) {
    visit(0, 0), visit(0, 1), visit(1, 0), visit(1, 1);
    return;
  }
  for (int h = 0; h < height; ++h)
    for (int w = 0; w < width; ++w) visit(h, w);
}

/// Asks for the pixel one row of windows below, once a cache line: hardware does not foresee two rows that are read in
/// turn.
template <class T>
inline void prefetch_next_row(const T* pixel, std::ptrdiff_t channel, std::ptrdiff_t distance) {
  if (channel % std::ptrdiff_t(64 / sizeof(T)) == 0) __builtin_prefetch(pixel + distance);
}

/// body(number, Window) for every window of the batch, on all threads, and after each row of them finish_row(begin,
/// end) with their numbers.
template <class Body, class FinishRow>
void for_each_window(const Cpu& cpu, const ops::Pool2DGeometry& g, const Body& body, const FinishRow& finish_row) {
  const std::ptrdiff_t grain = 1 + 8192 / (std::ptrdiff_t(g.out_width) * g.channels);
  cpu.parallel_for(std::ptrdiff_t(g.batch) * g.out_height, grain, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t row = begin; row < end; ++row) {
      for (int j = 0; j < g.out_width; ++j)
        body(row * g.out_width + j, Window(g, row / g.out_height, int(row % g.out_height), j));
      finish_row(row * g.out_width, (row + 1) * g.out_width);
    }
  });
}

/// Along one axis, the windows begin <= i < end of 0..count-1 that cover an input position.
struct CoveringRange {
  int begin, end;

  CoveringRange(int in, int window, int stride, int pad, int count) : end(std::min((in + pad) / stride + 1, count)) {
    const int last_missed = in + pad - window;  // where a window may start at most to end before `in`
    begin = last_missed < 0 ? 0 : last_missed / stride + 1;
  }
};

/// The windows that cover input pixel (h, w) of an image whose windows are numbered from first_window.
struct Covering {
  int h, w;
  CoveringRange rows, columns;
  std::ptrdiff_t first_window;

  /// visit(number of the window, the pixel's position in it)
  template <class Visit>
  void visit(const ops::Pool2DGeometry& g, const Visit& visit) const {
    for (int i = rows.begin; i < rows.end; ++i)
      for (int j = columns.begin; j < columns.end; ++j)
        visit(first_window + std::ptrdiff_t(i) * g.out_width + j,
              (h + g.pad_top - i * g.stride) * g.window + w + g.pad_left - j * g.stride);
  }
};

/// body(number of the pixel, Covering) for every input pixel of the batch, on all threads.
template <class Body>
void for_each_pixel(const Cpu& cpu, const ops::Pool2DGeometry& g, const Body& body) {
  const std::ptrdiff_t grain = 1 + 16384 / (std::ptrdiff_t(g.width) * g.channels);
  cpu.parallel_for(std::ptrdiff_t(g.batch) * g.height, grain, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t line = begin; line < end; ++line) {
      const int h = int(line % g.height);
      const std::ptrdiff_t first_window = line / g.height * g.out_height * g.out_width;
      const CoveringRange rows(h, g.window, g.stride, g.pad_top, g.out_height);
      for (int w = 0; w < g.width; ++w)
        body(line * g.width + w, Covering{h, w, rows, {w, g.window, g.stride, g.pad_left, g.out_width}, first_window});
    }
  });
}

}  // namespace ferlab::detail
