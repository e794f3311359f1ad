// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"
#include "ferlab/ops/global_average_pool.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <class T>
void run(const Cpu& cpu, const GlobalAveragePool& op, const Memory<T>& m) {
  const int pixels = op.x.shape.height * op.x.shape.width, channels = op.x.shape.channels;
  const T* const x = m[op.x];
  T* const y = m[op.y];
  const std::ptrdiff_t image = std::ptrdiff_t(pixels) * channels;
  cpu.parallel_for(m.batch, 1 + 16384 / image, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t b = begin; b < end; ++b)
      simd::for_each_pack<T>(0, channels, [&]<class P>(std::ptrdiff_t c) {
        P sum{};
        for (int p = 0; p < pixels; ++p) sum += simd::load<P>(x + b * image + std::ptrdiff_t(p) * channels + c);
        simd::store(y + b * channels + c, P(sum / T(pixels)));
      });
  });
}

template <class T>
void run(const Cpu& cpu, const GlobalAveragePoolBackward& op, const Memory<T>& m) {
  const int pixels = op.dx.shape.height * op.dx.shape.width, channels = op.dx.shape.channels;
  const T* const dy = m[op.dy];
  T* const dx = m[op.dx];
  const std::ptrdiff_t image = std::ptrdiff_t(pixels) * channels;
  cpu.parallel_for(m.batch, 1 + 16384 / image, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t b = begin; b < end; ++b)
      for (int p = 0; p < pixels; ++p)
        simd::for_each_pack<T>(0, channels, [&]<class P>(std::ptrdiff_t c) {
          simd::store(dx + b * image + std::ptrdiff_t(p) * channels + c,
                      P(simd::load<P>(dy + b * channels + c) / T(pixels)));
        });
  });
}

}  // namespace ferlab::ops
