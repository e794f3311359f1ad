// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"
#include "ferlab/cpu/window.hpp"
#include "ferlab/ops/max_pool.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab {
namespace detail {

/// The maximum over each window of f(x), where f = at.operator()<P>(c) for the channels from c on, and if Marks its
/// position. finish_row(begin, end) is called for each row of y that is done, with its range of elements.
template <bool Marks, class T, class At, class FinishRow>
void max_pool(const Cpu& cpu, const ops::Pool2DGeometry& g, const T* x, T* y, std::uint8_t* argmax, const At& at,
              const FinishRow& finish_row) {
  const std::ptrdiff_t line = std::ptrdiff_t(g.width) * g.channels;
  const auto pool = [&](std::ptrdiff_t window, const Window& part) {
    const T* const corner = x + part.first_pixel * g.channels;
    simd::for_each_pack<T>(0, g.channels, [&, out = window * g.channels]<class P>(std::ptrdiff_t c) {
      using Positions = simd::Positions<P>;
      const auto f = at.template operator()<P>(c);
      P best = f(simd::load<P>(corner + c));
      Positions where = Positions{} + part.first_position;
      for_each_tap(part.height, part.width, [&](int h, int w) {
        const T* const pixel = corner + h * line + w * g.channels + c;
        prefetch_next_row(pixel, c, g.stride * line);
        const P value = f(simd::load<P>(pixel));
        const auto keeps = (value <= best) | (best != best);
        best = keeps ? best : value;
        if constexpr (Marks) where = keeps ? where : Positions{} + (part.first_position + h * g.window + w);
      });
      simd::store(y + out + c, best);
      if constexpr (Marks) simd::store_bytes<P>(argmax + out + c, where);
    });
  };
  for_each_window(cpu, g, pool,
                  [&](std::ptrdiff_t begin, std::ptrdiff_t end) { finish_row(begin * g.channels, end * g.channels); });
}

}  // namespace detail

}  // namespace ferlab

namespace ferlab::ops {

template <class T>
void run(const Cpu& cpu, const MaxPool& op, const Memory<T>& m) {
  const ops::Pool2DGeometry g = m.of(op.geometry);
  const auto identity = []<class P>(std::ptrdiff_t) { return [](P value) { return value; }; };
  const auto nothing = [](std::ptrdiff_t, std::ptrdiff_t) {};
  if (op.argmax)
    detail::max_pool<true>(cpu, g, m[op.x], m[op.y], m[op.argmax], identity, nothing);
  else
    detail::max_pool<false>(cpu, g, m[op.x], m[op.y], nullptr, identity, nothing);
}

template <class T>
void run(const Cpu& cpu, const MaxPoolBackward& op, const Memory<T>& m) {
  const ops::Pool2DGeometry g = m.of(op.geometry);
  const T* const dy = m[op.dy];
  const std::uint8_t* const argmax = m[op.argmax];
  T* const dx = m[op.dx];
  detail::for_each_pixel(cpu, g, [=](std::ptrdiff_t pixel, const detail::Covering& windows) {
    T* const out = dx + pixel * g.channels;
    bool written = false;
    windows.visit(g, [&](std::ptrdiff_t window, int position) {
      const std::ptrdiff_t from = window * g.channels;
      simd::for_each_pack<T>(0, g.channels, [&]<class P>(std::ptrdiff_t c) {
        const auto here = simd::load_bytes<P>(argmax + from + c) == simd::Positions<P>{} + position;
        const P slope = here ? simd::load<P>(dy + from + c) : P{};
        simd::store(out + c, written ? P(simd::load<P>(out + c) + slope) : slope);
      });
      written = true;
    });
    if (!written) std::fill_n(out, g.channels, T(0));
  });
}

}  // namespace ferlab::ops
