// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/core/geometry.hpp"
#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"
#include "ferlab/cpu/window.hpp"

namespace ferlab {

/// y = the mean of each window; padding does not count.
template <class T>
void average_pool_forward(const Cpu& cpu, const Pool2DGeometry& g, const T* x, T* y) {
  const auto average = [=](std::ptrdiff_t window, const detail::Window& part) {
    const T* const corner = x + part.first_pixel * g.channels;
    simd::for_each_pack<T>(0, g.channels, [&]<class P>(std::ptrdiff_t c) {
      P sum{};
      for (int h = 0; h < part.height; ++h)
        for (int w = 0; w < part.width; ++w)
          sum += simd::load<P>(corner + (std::ptrdiff_t(h) * g.width + w) * g.channels + c);
      simd::store(y + window * g.channels + c, P(sum / T(part.height * part.width)));
    });
  };
  detail::for_each_window(cpu, g, average, [](std::ptrdiff_t, std::ptrdiff_t) {});
}

/// dx = the sum over the windows that cover the pixel of dy / their size; every dx is written.
template <class T>
void average_pool_backward(const Cpu& cpu, const Pool2DGeometry& g, const T* dy, T* dx) {
  detail::for_each_pixel(cpu, g, [=](std::ptrdiff_t pixel, const detail::Covering& windows) {
    T* const out = dx + pixel * g.channels;
    std::fill_n(out, g.channels, T(0));
    windows.visit(g, [&](std::ptrdiff_t window, int) {
      const detail::Window part(g, window);
      const T size = T(part.height * part.width);
      simd::for_each_pack<T>(0, g.channels, [&, slope = dy + window * g.channels]<class P>(std::ptrdiff_t c) {
        simd::store(out + c, P(simd::load<P>(out + c) + simd::load<P>(slope + c) / size));
      });
    });
  });
}

/// y [batch][channels] = the mean over the pixels of x [batch][pixels][channels].
template <class T>
void global_average_pool_forward(const Cpu& cpu, int batch, int pixels, int channels, const T* x, T* y) {
  const std::ptrdiff_t image = std::ptrdiff_t(pixels) * channels;
  cpu.parallel_for(batch, 1 + 16384 / image, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t b = begin; b < end; ++b)
      simd::for_each_pack<T>(0, channels, [&]<class P>(std::ptrdiff_t c) {
        P sum{};
        for (int p = 0; p < pixels; ++p) sum += simd::load<P>(x + b * image + std::ptrdiff_t(p) * channels + c);
        simd::store(y + b * channels + c, P(sum / T(pixels)));
      });
  });
}

/// dx = dy / pixels, at every pixel.
template <class T>
void global_average_pool_backward(const Cpu& cpu, int batch, int pixels, int channels, const T* dy, T* dx) {
  const std::ptrdiff_t image = std::ptrdiff_t(pixels) * channels;
  cpu.parallel_for(batch, 1 + 16384 / image, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t b = begin; b < end; ++b)
      for (int p = 0; p < pixels; ++p)
        simd::for_each_pack<T>(0, channels, [&]<class P>(std::ptrdiff_t c) {
          simd::store(dx + b * image + std::ptrdiff_t(p) * channels + c,
                      P(simd::load<P>(dy + b * channels + c) / T(pixels)));
        });
  });
}

}  // namespace ferlab
