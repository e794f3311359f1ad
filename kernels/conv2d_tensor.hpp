// SPDX-License-Identifier: MIT
// Which shapes the convolution on tensor cores takes (conv2d_tensor.cuh), how it is cut up, and what scratch it needs.
#pragma once

#include "ferlab/ops/geometry.hpp"
#include "kernels/counts.hpp"
#include "kernels/rows.hpp"

namespace ferlab::kernels {

/// Can conv2d_tensor do it? And the gradients?
constexpr bool conv2d_tensor_takes(const ops::Conv2DGeometry& g) { return g.channels % 8 == 0 && g.filters % 8 == 0; }
constexpr bool conv2d_tensor_takes_gradient(const ops::Conv2DGeometry& g) {
  return conv2d_tensor_takes(g) && g.stride == 1;
}

/// What tunes its matrix products. A launcher that takes a Policy takes any struct with these members. One for all
/// architectures: on none has another been measured.
struct Conv2DTensorPolicy {
  static constexpr int tile_rows = 128, tile_depth = 32;              ///< of a block; a depth of 32 or 64
  static constexpr int narrow_tile_columns = 64, tile_columns = 128;  ///< narrow where half of the last would be empty
  static constexpr int warps_down = 4, warps_across = 2;              ///< that share a tile
  static constexpr int stages = 3;              ///< tiles of A and B in shared memory, all but one on their way
  static constexpr int filter_blocks = 256;     ///< that the kernel's gradient is to keep busy,
  static constexpr int filter_least_steps = 8;  ///< each with so many steps of tile_depth at least
};

/// How many tiles a product has, and how wide they are.
template <class Policy>
struct TileCount {
  int columns_per_tile, across, down;
  constexpr TileCount(int rows, int columns)
      : columns_per_tile((columns - 1) % Policy::tile_columns < Policy::narrow_tile_columns
                             ? Policy::narrow_tile_columns
                             : Policy::tile_columns),
        across((columns - 1) / columns_per_tile + 1),
        down((rows - 1) / Policy::tile_rows + 1) {}
};

/// Into how many shares the pixels are cut for the gradient of the kernel, so that a small one still gives a device
/// enough blocks: a matter of the shape alone, so that sums have one order.
template <class Policy = Conv2DTensorPolicy>
int conv2d_tensor_shares(const ops::Conv2DGeometry& g) {
  const TileCount<Policy> tiles(g.kernel * g.kernel * g.channels, g.filters);
  const int steps = (count_of(g.batch, g.out_height, g.out_width) - 1) / Policy::tile_depth + 1;
  int shares = Policy::filter_blocks / (tiles.across * tiles.down);
  if (shares > steps / Policy::filter_least_steps) shares = steps / Policy::filter_least_steps;
  return shares < 1 ? 1 : shares;
}

/// Floats of scratch that Conv2DBackwardFilter needs.
template <class Policy = Conv2DTensorPolicy>
std::size_t conv2d_tensor_backward_filter_scratch_size(const ops::Conv2DGeometry& g) {
  const int shares = conv2d_tensor_shares<Policy>(g);
  return shares == 1 ? 0 : std::size_t(shares * g.kernel * g.kernel) * std::size_t(g.channels) * std::size_t(g.filters);
}

/// Floats of scratch that Conv2D with statistics needs.
template <class Policy = Conv2DTensorPolicy>
std::size_t conv2d_tensor_statistics_scratch_size(const ops::Conv2DGeometry& g) {
  const int tiles = TileCount<Policy>(count_of(g.batch, g.out_height, g.out_width), g.filters).down;
  return 2 * std::size_t(tiles) * std::size_t(g.filters) + column_sums_scratch_size(g.filters, 2);
}

}  // namespace ferlab::kernels
