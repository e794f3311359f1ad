// SPDX-License-Identifier: MIT
// Max pooling. Forward reads x and writes y (and a byte per window and channel); backward reads dy and the bytes and
// writes every dx: 1.25 tensors of x's size at 2x2.
#pragma once

#include "kernels/max_pool.hpp"
#include "kernels/rows.cuh"
#include "kernels/window.cuh"

namespace ferlab::kernels {

/// The maximum of each channel over a window and where it was: of equal values the first, a NaN before all.
template <int N>
struct Maximum {
  Floats<N> value;
  Positions<N> position;
  __device__ void meet(const Floats<N>& candidate, int at) {
    for (int i = 0; i < N; ++i)
      if (!(candidate.v[i] <= value.v[i]) && value.v[i] == value.v[i]) {
        value.v[i] = candidate.v[i];
        position.v[i] = std::uint8_t(at);
      }
  }
};

/// f(first value of the window, its position), then g(value, position) for the others in reading order.
template <int N, class S, class First, class Next>
__device__ inline void for_each_tap(const ops::Pool2DGeometry& g, const Window& part, const S* x, const First& first,
                                    const Next& next) {
  const S* const corner = x + part.first_pixel * g.channels;
  first(load<N>(corner), part.first_position);
  for (int h = 0; h < part.height; ++h)
    for (int w = 0; w < part.width; ++w)
      if (h + w > 0)
        next(load<N>(corner + (std::ptrdiff_t(h) * g.width + w) * g.channels), part.first_position + h * g.window + w);
}

template <class S>
struct MaxPoolWindows {
  ops::Pool2DGeometry g;
  const S* x;
  S* y;
  std::uint8_t* argmax;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [g = g, x = x + c, y = y + c, argmax = argmax ? argmax + c : nullptr](std::ptrdiff_t window) {
      Maximum<N> best;
      for_each_tap<N>(
          g, Window(g, int(window)), x,
          [&](const Floats<N>& value, int at) {
            best.value = value;
            for (int i = 0; i < N; ++i) best.position.v[i] = std::uint8_t(at);
          },
          [&](const Floats<N>& value, int at) { best.meet(value, at); });
      store(y + window * g.channels, best.value);
      if (argmax) *reinterpret_cast<Positions<N>*>(argmax + window * g.channels) = best.position;
    };
  }
};

template <class S>
void run(cudaStream_t stream, const MaxPool<S>& op) {
  const ops::Pool2DGeometry& g = op.geometry;
  with_width<S>(g.channels, [&]<int N>(std::integral_constant<int, N>) {
    for_each_row<RowsPolicy, N>(stream, windows_of(g), g.channels, MaxPoolWindows<S>{g, op.x, op.y, op.argmax});
  });
}

template <class S>
struct MaxPoolPixels {
  ops::Pool2DGeometry g;
  const S* dy;
  const std::uint8_t* argmax;
  S* dx;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [g = g, dy = dy + c, argmax = argmax + c, dx = dx + c](std::ptrdiff_t pixel) {
      Floats<N> sum{};
      for_each_covering(g, int(pixel), [&](std::ptrdiff_t window, int position) {
        const auto where = *reinterpret_cast<const Positions<N>*>(argmax + window * g.channels);
        const Floats<N> slope = load<N>(dy + window * g.channels);
        for (int i = 0; i < N; ++i) sum.v[i] += where.v[i] == position ? slope.v[i] : 0.0f;
      });
      store(dx + pixel * g.channels, sum);
    };
  }
};

template <class S>
void run(cudaStream_t stream, const MaxPoolBackward<S>& op) {
  const ops::Pool2DGeometry& g = op.geometry;
  with_width<S>(g.channels, [&]<int N>(std::integral_constant<int, N>) {
    for_each_row<RowsPolicy, N>(stream, pixels_of(g), g.channels, MaxPoolPixels<S>{g, op.dy, op.argmax, op.dx});
  });
}

}  // namespace ferlab::kernels
