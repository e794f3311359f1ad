// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/copy.hpp"
#include "ferlab/cpu/simd/tiles.hpp"
#include "ferlab/ops/bias.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab {

namespace detail {

/// In one pass: dy [rows][channels] becomes 0 where y <= 0 (y nullptr: nowhere), in place, and db [channels] the sum of
/// what remains.
template <class T>
void mask_and_sum(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* y, T* dy, T* db) {
  const simd::Tiles<T>& tiles = simd::tiles<T>();
  const int lanes = tiles.lanes, vectors = (channels + lanes - 1) / lanes;
  // Threads share the channels, not the rows: every sum has one order.
  cpu.parallel_for(vectors, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t v = begin; v < end; ++v) {
      double sums[simd::widest_panel<T>];
      const std::ptrdiff_t first = v * lanes, n = std::min<std::ptrdiff_t>(lanes, channels - first);
      if (n == lanes) {
        tiles.masked_sums(rows, channels, y ? y + first : nullptr, dy + first, sums);
      } else {
        std::fill_n(sums, n, 0.0);
        for (std::ptrdiff_t r = 0; r < rows; ++r)
          for (std::ptrdiff_t c = 0; c < n; ++c) {
            const std::ptrdiff_t at = r * channels + first + c;
            if (y && !(y[at] > T(0))) dy[at] = T(0);
            sums[c] += double(dy[at]);
          }
      }
      for (std::ptrdiff_t c = 0; c < n; ++c) db[first + c] = T(sums[c]);
    }
  });
}

}  // namespace detail

namespace ops {

template <class T>
void run(const Cpu& cpu, const BiasBackward& op, const Memory<T>& m) {
  detail::mask_and_sum<T>(cpu, m.rows(op.dy), op.dy.shape.channels, nullptr, m[op.dy], m[op.dbias]);
}
template <class T>
void run(const Cpu& cpu, const ReLUBiasBackward& op, const Memory<T>& m) {
  copy<T>(cpu, m.size(op.dy), m[op.dy], m[op.dx]);
  detail::mask_and_sum<T>(cpu, m.rows(op.dy), op.dy.shape.channels, m[op.y], m[op.dx], m[op.dbias]);
}

}  // namespace ops

}  // namespace ferlab
