// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "ferlab/core/geometry.hpp"
#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"
#include "ferlab/cpu/window.hpp"

namespace ferlab {

/// y = the maximum of each window; argmax (nullptr: not wanted), laid out as y, tells where in the window it was: row *
/// window + column. Of equal values the first in reading order wins; a NaN wins over all. Windows up to 15.
template <class T>
void max_pool_forward(const Cpu& cpu, const Pool2DGeometry& g, const T* x, T* y, std::uint8_t* argmax) {
  const auto pool_row = [&](std::ptrdiff_t out_row) {
    const std::ptrdiff_t image = out_row / g.out_height;
    const int top = int(out_row % g.out_height) * g.stride - g.pad_top;
    const auto rows = detail::window_pixels(int(out_row % g.out_height), g.window, g.stride, g.pad_top, g.height);
    for (int j = 0; j < g.out_width; ++j) {
      const int left = j * g.stride - g.pad_left;
      const auto columns = detail::window_pixels(j, g.window, g.stride, g.pad_left, g.width);
      const std::ptrdiff_t out = (out_row * g.out_width + j) * g.channels;
      const T* const corner = x + ((image * g.height + rows.begin) * g.width + columns.begin) * g.channels;
      simd::for_each_pack<T>(0, g.channels, [&]<class P>(std::ptrdiff_t c) {
        using Positions = simd::Positions<P>;
        P best = simd::load<P>(corner + c);
        Positions where = Positions{} + ((rows.begin - top) * g.window + columns.begin - left);
        const T* row = corner + c;
        for (int h = rows.begin; h < rows.end; ++h, row += std::ptrdiff_t(g.width) * g.channels) {
          const T* pixel = row;
          for (int w = columns.begin; w < columns.end; ++w, pixel += g.channels) {
            const P value = simd::load<P>(pixel);
            const auto keeps = (value <= best) | (best != best);
            best = keeps ? best : value;
            where = keeps ? where : Positions{} + ((h - top) * g.window + w - left);
          }
        }
        simd::store(y + out + c, best);
        if (argmax) simd::store_bytes<P>(argmax + out + c, where);
      });
    }
  };
  cpu.parallel_for(std::ptrdiff_t(g.batch) * g.out_height, 1 + 8192 / (g.out_width * g.channels),
                   [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
                     for (std::ptrdiff_t row = begin; row < end; ++row) pool_row(row);
                   });
}

/// dx = the sum of dy of those windows whose maximum the pixel was; every dx is written.
template <class T>
void max_pool_backward(const Cpu& cpu, const Pool2DGeometry& g, const T* dy, const std::uint8_t* argmax, T* dx) {
  const auto spread_row = [&](std::ptrdiff_t in_row) {
    const std::ptrdiff_t image = in_row / g.height;
    const int h = int(in_row % g.height);
    const auto rows = detail::covering_windows(h, g.window, g.stride, g.pad_top, g.out_height);
    for (int w = 0; w < g.width; ++w) {
      const auto columns = detail::covering_windows(w, g.window, g.stride, g.pad_left, g.out_width);
      T* const pixel = dx + (in_row * g.width + w) * g.channels;
      simd::for_each_pack<T>(0, g.channels, [&]<class P>(std::ptrdiff_t c) {
        P sum{};
        for (int i = rows.begin; i < rows.end; ++i)
          for (int j = columns.begin; j < columns.end; ++j) {
            const std::ptrdiff_t out = ((image * g.out_height + i) * g.out_width + j) * g.channels + c;
            const int here = (h + g.pad_top - i * g.stride) * g.window + w + g.pad_left - j * g.stride;
            const simd::Positions<P> wanted = simd::Positions<P>{} + here;
            sum += simd::load_bytes<P>(argmax + out) == wanted ? simd::load<P>(dy + out) : P{};
          }
        simd::store(pixel + c, sum);
      });
    }
  };
  cpu.parallel_for(std::ptrdiff_t(g.batch) * g.height, 1 + 8192 / (g.width * g.channels),
                   [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
                     for (std::ptrdiff_t row = begin; row < end; ++row) spread_row(row);
                   });
}

}  // namespace ferlab
