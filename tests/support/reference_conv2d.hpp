// SPDX-License-Identifier: MIT
// Convolution and its gradients by their definition.
#pragma once

#include <vector>

#include "ferlab/ops/geometry.hpp"

namespace reference {

struct ConvSizes {
  std::size_t x, w, y;
  explicit ConvSizes(const ferlab::ops::Conv2DGeometry& g)
      : x(std::size_t(g.batch) * std::size_t(g.height * g.width * g.channels)),
        w(std::size_t(g.kernel * g.kernel) * std::size_t(g.channels) * std::size_t(g.filters)),
        y(std::size_t(g.batch) * std::size_t(g.out_height * g.out_width * g.filters)) {}
};

/// body(x, w, y): the indices of every product y += x * w of which the convolution is the sum.
template <class Body>
void for_each_product(const ferlab::ops::Conv2DGeometry& g, const Body& body) {
  for (int b = 0; b < g.batch; ++b)
    for (int i = 0; i < g.out_height; ++i)
      for (int j = 0; j < g.out_width; ++j)
        for (int tap = 0; tap < g.kernel * g.kernel; ++tap) {
          const int h = i * g.stride - g.pad_top + tap / g.kernel, w = j * g.stride - g.pad_left + tap % g.kernel;
          if (h < 0 || h >= g.height || w < 0 || w >= g.width) continue;
          const std::size_t pixel = std::size_t((b * g.height + h) * g.width + w) * std::size_t(g.channels);
          const std::size_t out = std::size_t((b * g.out_height + i) * g.out_width + j) * std::size_t(g.filters);
          for (int c = 0; c < g.channels; ++c) {
            const std::size_t row = std::size_t(tap * g.channels + c) * std::size_t(g.filters);
            for (std::size_t f = 0; f < std::size_t(g.filters); ++f) body(pixel + std::size_t(c), row + f, out + f);
          }
        }
}

template <class T>
std::vector<T> conv2d(const ferlab::ops::Conv2DGeometry& g, const std::vector<T>& x, const std::vector<T>& w) {
  std::vector<T> y(ConvSizes(g).y);
  for_each_product(g, [&](std::size_t i, std::size_t j, std::size_t k) { y[k] += x[i] * w[j]; });
  return y;
}
template <class T>
std::vector<T> conv2d_backward_data(const ferlab::ops::Conv2DGeometry& g, const std::vector<T>& dy,
                                    const std::vector<T>& w) {
  std::vector<T> dx(ConvSizes(g).x);
  for_each_product(g, [&](std::size_t i, std::size_t j, std::size_t k) { dx[i] += dy[k] * w[j]; });
  return dx;
}
template <class T>
std::vector<T> conv2d_backward_filter(const ferlab::ops::Conv2DGeometry& g, const std::vector<T>& x,
                                      const std::vector<T>& dy) {
  std::vector<T> dw(ConvSizes(g).w);
  for_each_product(g, [&](std::size_t i, std::size_t j, std::size_t k) { dw[j] += x[i] * dy[k]; });
  return dw;
}

}  // namespace reference
