// SPDX-License-Identifier: MIT
// The shapes that the pooling tests go through, and a window walked by its definition.
#pragma once

#include <string>
#include <vector>

#include "ferlab/ops/geometry.hpp"
#include "ferlab/core/shape.hpp"

namespace op_test {

/// batch, height, width, channels, out_height, out_width, window, stride, pad_top, pad_left
inline const std::vector<ferlab::ops::Pool2DGeometry> pool_shapes{
    {1, 2, 2, 1, 1, 1, 2, 2, 0, 0},     {3, 46, 46, 64, 23, 23, 2, 2, 0, 0},  // the tutorial's first
    {2, 11, 11, 13, 5, 5, 2, 2, 0, 0},                                        // a row and a column are dropped
    {2, 5, 7, 6, 3, 4, 2, 2, 0, 0},                                           // "same": the last window is cut
    {2, 9, 8, 5, 9, 8, 3, 1, 1, 1},     {3, 10, 7, 9, 5, 4, 3, 2, 0, 1},      // windows overlap
    {1, 15, 17, 3, 1, 1, 15, 15, 0, 0}, {2, 10, 10, 8, 3, 3, 2, 4, 0, 0},     // the largest; pixels no window covers
    {1, 1, 1, 530, 1, 1, 3, 1, 1, 1},
};

struct Tap {
  std::size_t input;  ///< index into x
  int position;       ///< row * window + column
};

inline std::size_t input_size(const ferlab::ops::Pool2DGeometry& g) {
  return std::size_t(g.batch) * std::size_t(g.height) * std::size_t(g.width) * std::size_t(g.channels);
}
inline std::size_t output_size(const ferlab::ops::Pool2DGeometry& g) {
  return std::size_t(g.batch) * std::size_t(g.out_height) * std::size_t(g.out_width) * std::size_t(g.channels);
}
inline ferlab::Shape input_shape(const ferlab::ops::Pool2DGeometry& g) { return {g.height, g.width, g.channels}; }
inline ferlab::Shape output_shape(const ferlab::ops::Pool2DGeometry& g) { return {g.out_height, g.out_width, g.channels}; }
/// As ops hold it.
inline ferlab::ops::Pool2DGeometry of_any_batch(ferlab::ops::Pool2DGeometry g) {
  g.batch = 0;
  return g;
}
inline std::string text(const ferlab::ops::Pool2DGeometry& g) {
  std::string all;
  for (int n :
       {g.batch, g.height, g.width, g.channels, g.out_height, g.out_width, g.window, g.stride, g.pad_top, g.pad_left})
    all += std::to_string(n) + " ";
  return all;
}

/// body(output index, taps inside of the image in reading order), output by output.
template <class Body>
void for_each_window(const ferlab::ops::Pool2DGeometry& g, const Body& body) {
  std::size_t out = 0;
  for (int b = 0; b < g.batch; ++b)
    for (int i = 0; i < g.out_height; ++i)
      for (int j = 0; j < g.out_width; ++j)
        for (int c = 0; c < g.channels; ++c, ++out) {
          std::vector<Tap> taps;
          for (int k = 0; k < g.window * g.window; ++k) {
            const int h = i * g.stride - g.pad_top + k / g.window, w = j * g.stride - g.pad_left + k % g.window;
            if (h >= 0 && h < g.height && w >= 0 && w < g.width)
              taps.push_back({std::size_t(((b * g.height + h) * g.width + w) * g.channels + c), k});
          }
          body(out, taps);
        }
}

}  // namespace op_test
