// SPDX-License-Identifier: MIT
// How the ops over [rows][channels] are cut up (rows.cuh), and what scratch their sums need.
#pragma once

#include <cstddef>

namespace ferlab::kernels {

/// What tunes them. A launcher that takes a Policy takes any struct with these members.
struct RowsPolicy {
  static constexpr int threads = 256;        ///< in a block; a power of two
  static constexpr int rows_per_thread = 4;  ///< at least, where there are so many
  static constexpr int most_blocks = 4096;   ///< below each other, where rows are written
  static constexpr int most_chunks = 1024;   ///< into which rows are cut to be summed,
  static constexpr int most_sums = 65536;    ///< and of their sums: fewer chunks where there are many channels
};

/// Into how many chunks the rows are cut at most to be summed: a matter of the shape alone, so that sums have one
/// order.
template <class Policy = RowsPolicy>
constexpr int most_chunks(int channels) {
  const int chunks = Policy::most_sums / channels;
  return chunks > Policy::most_chunks ? Policy::most_chunks : chunks < 1 ? 1 : chunks;
}

/// Floats that column_sums needs for `sums` sums per channel, whatever the number of rows.
template <class Policy = RowsPolicy>
constexpr std::size_t column_sums_scratch_size(int channels, int sums) {
  return std::size_t(sums) * std::size_t(most_chunks<Policy>(channels)) * std::size_t(channels);
}

}  // namespace ferlab::kernels
