// SPDX-License-Identifier: MIT
// How much scratch the kernels need: known to the host before anything runs.
#pragma once

#include <cstddef>

namespace ferlab::kernels {

/// How many pieces the rows are cut into to be summed: a matter of the shape alone, so that sums have one order.
constexpr int most_chunks(int channels) {
  const int chunks = 65536 / channels;
  return chunks > 1024 ? 1024 : chunks < 1 ? 1 : chunks;
}

/// Floats that column_sums<K> needs, whatever the number of rows.
constexpr std::size_t column_sums_scratch_size(int channels, int k) {
  return std::size_t(k) * std::size_t(most_chunks(channels)) * std::size_t(channels);
}

/// Floats that the backward passes of biases need.
constexpr std::size_t bias_scratch_size(int channels) { return column_sums_scratch_size(channels, 1); }

/// Floats that the training passes of batch normalisation need.
constexpr std::size_t batch_norm_scratch_size(int channels) {
  return column_sums_scratch_size(channels, 2) + 2 * std::size_t(channels);
}

/// How many elements of the kernel's gradient one pass of conv2d_direct_backward_filter sums.
inline constexpr int direct_terms = 9;

/// Floats that conv2d_direct_backward_filter needs.
constexpr std::size_t conv2d_direct_scratch_size(int filters) {
  return column_sums_scratch_size(filters, direct_terms);
}

/// Floats that the losses need.
constexpr std::size_t softmax_crossentropy_scratch_size(std::ptrdiff_t rows) { return 2 * std::size_t(rows); }

/// Doubles that sums over all weights need.
inline constexpr int reduce_blocks = 512;
inline constexpr std::size_t reduce_scratch_size = reduce_blocks;

}  // namespace ferlab::kernels
