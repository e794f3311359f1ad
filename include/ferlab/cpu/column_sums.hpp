// SPDX-License-Identifier: MIT
// Sums down the columns of a [rows][channels] matrix, in one pass over memory.
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"
#include "ferlab/cpu/reductions.hpp"

namespace ferlab {

/// Channels that an op takes at a time, so that what it keeps for each fits on the stack.
inline constexpr int channel_tile = 512;

constexpr std::size_t column_sums_scratch_size(int channels) {
  return std::size_t(2) * max_chunks * std::size_t(channels);
}

/// Two sums for each channel. add.operator()<P>(row, c, first, second) adds the terms of channels c ... of one row;
/// finish(c, first, second) takes channel c's sums in double. Elements are added 64 rows at a time, then the blocks,
/// then the chunks: the rounding error stays small however many rows there are.
template <class T, class Add, class Finish>
void column_sums(const Cpu& cpu, std::ptrdiff_t rows, int channels, const Add& add, T* scratch, const Finish& finish) {
  constexpr std::ptrdiff_t block_rows = 64;
  const Chunks chunks(rows, std::max<std::ptrdiff_t>(block_rows, 8192 / channels));
  const auto sum_chunk = [&](std::ptrdiff_t chunk, int first_channel, int width) {
    T block[2][channel_tile];
    T* total[2] = {scratch + 2 * chunk * channels + first_channel,
                   scratch + (2 * chunk + 1) * channels + first_channel};
    for (T* t : total) std::fill_n(t, width, T(0));
    const std::ptrdiff_t chunk_end = std::min(rows, (chunk + 1) * chunks.size);
    for (std::ptrdiff_t begin = chunk * chunks.size; begin < chunk_end; begin += block_rows) {
      const std::ptrdiff_t end = std::min(chunk_end, begin + block_rows);
      for (T* b : block) std::fill_n(b, width, T(0));
      std::ptrdiff_t row = begin;
      const auto add_rows = [&](int count) {
        simd::for_each_pack<T>(0, width, [&]<class P>(std::ptrdiff_t c) {
          P first = simd::load<P>(block[0] + c), second = simd::load<P>(block[1] + c);
          for (int r = 0; r < count; ++r) add.template operator()<P>(row + r, first_channel + c, first, second);
          simd::store(block[0] + c, first);
          simd::store(block[1] + c, second);
        });
        row += count;
      };
      while (row + 4 <= end) add_rows(4);
      while (row < end) add_rows(1);
      simd::for_each_pack<T>(0, width, [&]<class P>(std::ptrdiff_t c) {
        for (int k = 0; k < 2; ++k)
          simd::store(total[k] + c, P(simd::load<P>(total[k] + c) + simd::load<P>(block[k] + c)));
      });
    }
  };
  cpu.parallel_for(chunks.count, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t chunk = begin; chunk < end; ++chunk)
      for (int c = 0; c < channels; c += channel_tile) sum_chunk(chunk, c, std::min(channel_tile, channels - c));
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

/// body(row, first_channel, width) for all rows, tile by tile of channels; prepare(first_channel, width) returns what
/// `body` gets last, computed once for each tile and thread.
template <class Prepare, class Body>
void for_each_row(const Cpu& cpu, std::ptrdiff_t rows, int channels, const Prepare& prepare, const Body& body) {
  cpu.parallel_for(rows, 1 + 16384 / channels, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (int c = 0; c < channels; c += channel_tile) {
      const int width = std::min(channel_tile, channels - c);
      const auto tile = prepare(c, width);
      for (std::ptrdiff_t row = begin; row < end; ++row) body(row, c, width, tile);
    }
  });
}

}  // namespace ferlab
