// SPDX-License-Identifier: MIT
// Average pooling; padding does not count. Forward reads x and writes y, backward reads dy and writes dx. A global
// average is one window.
#pragma once

#include "kernels/average_pool.hpp"
#include "kernels/rows.cuh"
#include "kernels/window.cuh"

namespace ferlab::kernels {

template <class S>
struct AveragePoolWindows {
  ops::Pool2DGeometry g;
  const S* x;
  S* y;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [g = g, x = x + c, y = y + c](std::ptrdiff_t window) {
      const Window part(g, int(window));
      const S* const corner = x + part.first_pixel * g.channels;
      Floats<N> sum{};
      for (int h = 0; h < part.height; ++h)
        for (int w = 0; w < part.width; ++w)
          sum = map([](float a, float b) { return a + b; }, sum,
                    load<N>(corner + (std::ptrdiff_t(h) * g.width + w) * g.channels));
      const float count = float(part.height * part.width);
      store(y + window * g.channels, map([=](float total) { return total / count; }, sum));
    };
  }
};

template <class S>
void run(cudaStream_t stream, const AveragePool<S>& op) {
  const ops::Pool2DGeometry& g = op.geometry;
  with_width<S>(g.channels, [&]<int N>(std::integral_constant<int, N>) {
    for_each_row<RowsPolicy, N>(stream, windows_of(g), g.channels, AveragePoolWindows<S>{g, op.x, op.y});
  });
}

template <class S>
struct AveragePoolPixels {
  ops::Pool2DGeometry g;
  const S* dy;
  S* dx;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [g = g, dy = dy + c, dx = dx + c](std::ptrdiff_t pixel) {
      Floats<N> sum{};
      for_each_covering(g, int(pixel), [&](std::ptrdiff_t window, int) {
        const Window part(g, int(window));
        const float count = float(part.height * part.width);
        sum = map([=](float a, float slope) { return a + slope / count; }, sum, load<N>(dy + window * g.channels));
      });
      store(dx + pixel * g.channels, sum);
    };
  }
};

template <class S>
void run(cudaStream_t stream, const AveragePoolBackward<S>& op) {
  const ops::Pool2DGeometry& g = op.geometry;
  with_width<S>(g.channels, [&]<int N>(std::integral_constant<int, N>) {
    for_each_row<RowsPolicy, N>(stream, pixels_of(g), g.channels, AveragePoolPixels<S>{g, op.dy, op.dx});
  });
}

}  // namespace ferlab::kernels
