// SPDX-License-Identifier: MIT
// The gradient of a bias: sums over all rows, one a channel.
#pragma once

#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/simd/tiles.hpp"

namespace ferlab {

/// In one pass, with no scratch: dy [rows][channels] becomes 0 where y <= 0, in place, and db [channels] the sum of
/// what remains.
template <class T>
void relu_bias_backward(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* y, T* dy, T* db,
                        T* /*scratch*/ = nullptr) {
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

/// db [channels] = sum over rows of dy [rows][channels]. Needs no scratch.
template <class T>
void bias_backward(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* dy, T* db, T* /*scratch*/ = nullptr) {
  relu_bias_backward(cpu, rows, channels, static_cast<const T*>(nullptr), const_cast<T*>(dy), db);
}

}  // namespace ferlab
