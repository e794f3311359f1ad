// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "ferlab/core/geometry.hpp"
#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"
#include "ferlab/cpu/window.hpp"

namespace ferlab {
namespace detail {

/// The maximum over each window of f(x), where f = at.operator()<P>(c) for the channels from c on, and if Marks its
/// position. finish_row(begin, end) is called for each row of y that is done, with its range of elements.
template <bool Marks, class T, class At, class FinishRow>
void max_pool(const Cpu& cpu, const Pool2DGeometry& g, const T* x, T* y, std::uint8_t* argmax, const At& at,
              const FinishRow& finish_row) {
  const std::ptrdiff_t line = std::ptrdiff_t(g.width) * g.channels;
  const auto pool_pixel = [&](const T* image, int i, int j, std::ptrdiff_t out) {
    const Range rows = window_pixels(i, g.window, g.stride, g.pad_top, g.height);
    const Range columns = window_pixels(j, g.window, g.stride, g.pad_left, g.width);
    const int cut = (rows.begin - (i * g.stride - g.pad_top)) * g.window + columns.begin - (j * g.stride - g.pad_left);
    const int height = rows.end - rows.begin, width = columns.end - columns.begin;
    const T* const corner = image + rows.begin * line + columns.begin * g.channels;
    simd::for_each_pack<T>(0, g.channels, [&]<class P>(std::ptrdiff_t c) {
      using Positions = simd::Positions<P>;
      const auto f = at.template operator()<P>(c);
      P best = f(simd::load<P>(corner + c));
      Positions where = Positions{} + cut;
      for (int h = 0; h < height; ++h)
        for (int w = 0; w < width; ++w) {
          const P value = f(simd::load<P>(corner + h * line + w * g.channels + c));
          const auto keeps = (value <= best) | (best != best);
          best = keeps ? best : value;
          if constexpr (Marks) where = keeps ? where : Positions{} + (cut + h * g.window + w);
        }
      simd::store(y + out + c, best);
      if constexpr (Marks) simd::store_bytes<P>(argmax + out + c, where);
    });
  };
  const std::ptrdiff_t out_line = std::ptrdiff_t(g.out_width) * g.channels;
  cpu.parallel_for(std::ptrdiff_t(g.batch) * g.out_height, 1 + 8192 / out_line,
                   [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
                     for (std::ptrdiff_t row = begin; row < end; ++row) {
                       const T* image = x + row / g.out_height * g.height * line;
                       for (int j = 0; j < g.out_width; ++j)
                         pool_pixel(image, int(row % g.out_height), j, row * out_line + j * g.channels);
                       finish_row(row * out_line, (row + 1) * out_line);
                     }
                   });
}

}  // namespace detail

/// y = the maximum of each window; argmax (nullptr: not wanted), laid out as y, tells where in the window it was: row *
/// window + column. Of equal values the first in reading order wins; a NaN wins over all. Windows up to 15.
template <class T>
void max_pool_forward(const Cpu& cpu, const Pool2DGeometry& g, const T* x, T* y, std::uint8_t* argmax) {
  const auto identity = []<class P>(std::ptrdiff_t) { return [](P value) { return value; }; };
  const auto nothing = [](std::ptrdiff_t, std::ptrdiff_t) {};
  if (argmax)
    detail::max_pool<true>(cpu, g, x, y, argmax, identity, nothing);
  else
    detail::max_pool<false>(cpu, g, x, y, argmax, identity, nothing);
}

/// dx = the sum of dy of those windows whose maximum the pixel was; every dx is written.
template <class T>
void max_pool_backward(const Cpu& cpu, const Pool2DGeometry& g, const T* dy, const std::uint8_t* argmax, T* dx) {
  detail::for_each_pixel(cpu, g, [=](std::ptrdiff_t pixel, const detail::Covering& windows) {
    simd::for_each_pack<T>(0, g.channels, [&]<class P>(std::ptrdiff_t c) {
      P sum{};
      windows.visit(g, [&](std::ptrdiff_t window, int position) {
        const std::ptrdiff_t out = window * g.channels + c;
        const simd::Positions<P> here = simd::Positions<P>{} + position;
        sum += simd::load_bytes<P>(argmax + out) == here ? simd::load<P>(dy + out) : P{};
      });
      simd::store(dx + pixel * g.channels + c, sum);
    });
  });
}

}  // namespace ferlab
