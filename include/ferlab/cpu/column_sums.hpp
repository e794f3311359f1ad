// SPDX-License-Identifier: MIT
// Sums down the columns of a [rows][channels] matrix, in one pass over memory.
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"
#include "ferlab/cpu/reductions.hpp"

namespace ferlab::detail {

/// Channels that an op takes at a time, so that what it keeps for each fits on the stack.
inline constexpr int channels_at_once = 512;

constexpr std::size_t column_sums_scratch_size(int channels) {
  return std::size_t(2) * max_chunks * std::size_t(channels);
}

/// Two sums for each channel. row_terms(row) returns what adds one row's terms: add.operator()<P>(c, first, second) for
/// channels c ...; finish(c, first, second) takes channel c's sums in double. Elements are added 64 rows at a time,
/// then the blocks, then the chunks: the rounding error stays small however many rows there are.
template <class T, class RowTerms, class Finish>
void column_sums(const Cpu& cpu, std::ptrdiff_t rows, int channels, const RowTerms& row_terms, T* scratch,
                 const Finish& finish) {
  constexpr std::ptrdiff_t block_rows = 64;
  const Chunks chunks(rows, std::max<std::ptrdiff_t>(block_rows, 8192 / channels));
  const auto sum_chunk = [&](std::ptrdiff_t chunk, int first_channel, int width) {
    T block[2][channels_at_once];
    T* total[2] = {scratch + 2 * chunk * channels + first_channel,
                   scratch + (2 * chunk + 1) * channels + first_channel};
    for (T* t : total) std::fill_n(t, width, T(0));
    const auto add_rows = [&](const auto&... row) {
      simd::for_each_pack<T>(0, width, [&]<class P>(std::ptrdiff_t c) {
        P first = simd::load<P>(block[0] + c), second = simd::load<P>(block[1] + c);
        (row.template operator()<P>(first_channel + c, first, second), ...);
        simd::store(block[0] + c, first);
        simd::store(block[1] + c, second);
      });
    };
    const std::ptrdiff_t chunk_end = std::min(rows, (chunk + 1) * chunks.size);
    for (std::ptrdiff_t row = chunk * chunks.size; row < chunk_end;) {
      const std::ptrdiff_t end = std::min(chunk_end, row + block_rows);
      for (T* b : block) std::fill_n(b, width, T(0));
      for (; row + 4 <= end; row += 4)
        add_rows(row_terms(row), row_terms(row + 1), row_terms(row + 2), row_terms(row + 3));
      for (; row < end; ++row) add_rows(row_terms(row));
      simd::for_each_pack<T>(0, width, [&]<class P>(std::ptrdiff_t c) {
        for (int k = 0; k < 2; ++k)
          simd::store(total[k] + c, P(simd::load<P>(total[k] + c) + simd::load<P>(block[k] + c)));
      });
    }
  };
  cpu.parallel_for(chunks.count, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t chunk = begin; chunk < end; ++chunk)
      for (int c = 0; c < channels; c += channels_at_once)
        sum_chunk(chunk, c, std::min(channels_at_once, channels - c));
  });
  for (int c = 0; c < channels; ++c) {
    double first = 0, second = 0;
    for (std::ptrdiff_t chunk = 0; chunk < chunks.count; ++chunk) {
      first += double(scratch[2 * chunk * channels + c]);
      second += double(scratch[(2 * chunk + 1) * channels + c]);
    }
    finish(c, first, second);
  }
}

}  // namespace ferlab::detail
