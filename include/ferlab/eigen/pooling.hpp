// SPDX-License-Identifier: MIT
// The pixels of pooling windows.
#pragma once

#include <algorithm>

#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/geometry.hpp"

namespace ferlab::detail {

/// For every window of the batch: visit(window, pixel, position, first) for each of its pixels inside of the image, in
/// reading order. window and pixel are rows of y and x, position is row * window + column, first says that it is the
/// window's first.
template <class Visit>
void for_each_window_pixel(const ops::Pool2DGeometry& g, const Visit& visit) {
  const Index windows = Index(g.batch) * g.out_height * g.out_width;
  for (Index window = 0; window < windows; ++window) {
    const Index image = window / g.out_width / g.out_height;
    const Index top = window / g.out_width % g.out_height * g.stride - g.pad_top;
    const Index left = window % g.out_width * g.stride - g.pad_left;
    const Index bottom = std::min<Index>(top + g.window, g.height), right = std::min<Index>(left + g.window, g.width);
    bool first = true;
    for (Index h = std::max<Index>(top, 0); h < bottom; ++h)
      for (Index w = std::max<Index>(left, 0); w < right; ++w, first = false)
        visit(window, (image * g.height + h) * g.width + w, int((h - top) * g.window + w - left), first);
  }
}

/// How many pixels of a window are inside of its image.
inline Index window_pixels(const ops::Pool2DGeometry& g, Index window) {
  const auto inside = [&g](Index at, int pad, int size) {
    const Index begin = at * g.stride - pad;
    return std::min<Index>(begin + g.window, size) - std::max<Index>(begin, 0);
  };
  return inside(window / g.out_width % g.out_height, g.pad_top, g.height) *
         inside(window % g.out_width, g.pad_left, g.width);
}

}  // namespace ferlab::detail
