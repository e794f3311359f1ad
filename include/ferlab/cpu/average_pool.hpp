// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"
#include "ferlab/cpu/window.hpp"
#include "ferlab/ops/average_pool.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <class T>
void run(const Cpu& cpu, const AveragePool& op, const Memory<T>& m) {
  const ops::Pool2DGeometry g = m.of(op.geometry);
  const T* const x = m[op.x];
  T* const y = m[op.y];
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

template <class T>
void run(const Cpu& cpu, const AveragePoolBackward& op, const Memory<T>& m) {
  const ops::Pool2DGeometry g = m.of(op.geometry);
  const T* const dy = m[op.dy];
  T* const dx = m[op.dx];
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

}  // namespace ferlab::ops
