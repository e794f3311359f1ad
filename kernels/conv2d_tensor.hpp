// SPDX-License-Identifier: MIT
// What the host must know of the convolution on the tensor cores: which shapes it takes, and how it cuts them up.
#pragma once

#include "ferlab/core/geometry.hpp"
#include "kernels/counts.hpp"
#include "kernels/scratch.hpp"

namespace ferlab::kernels {

/// Can conv2d_tensor_forward do it? And the gradients?
constexpr bool conv2d_tensor_takes(const Conv2DGeometry& g) { return g.channels % 8 == 0 && g.filters % 8 == 0; }
constexpr bool conv2d_tensor_takes_gradient(const Conv2DGeometry& g) { return conv2d_tensor_takes(g) && g.stride == 1; }

inline constexpr int tile_rows = 128, tile_depth = 32;  ///< of a matrix product, a block

/// How many tiles a product has, and how wide they are: 64 columns where 128 would leave half of the last ones empty.
struct TileCount {
  int columns_a_tile, across, down;
  constexpr TileCount(int rows, int columns)
      : columns_a_tile((columns - 1) % 128 < 64 ? 64 : 128),
        across((columns - 1) / columns_a_tile + 1),
        down((rows - 1) / tile_rows + 1) {}
};

/// Into how many shares the pixels are cut for the gradient of the kernel, so that a small one still gives a device
/// enough blocks: a matter of the shape alone, so that sums have one order.
inline int conv2d_tensor_shares(const Conv2DGeometry& g) {
  constexpr int wanted_blocks = 256, least_steps = 8;
  const TileCount tiles(g.kernel * g.kernel * g.channels, g.filters);
  const int steps = (count_of(g.batch, g.out_height, g.out_width) - 1) / tile_depth + 1;
  int shares = wanted_blocks / (tiles.across * tiles.down);
  if (shares > steps / least_steps) shares = steps / least_steps;
  return shares < 1 ? 1 : shares;
}

/// Floats of scratch that conv2d_tensor_backward_filter needs.
inline std::size_t conv2d_tensor_backward_filter_scratch_size(const Conv2DGeometry& g) {
  const int shares = conv2d_tensor_shares(g);
  return shares == 1 ? 0 : std::size_t(shares * g.kernel * g.kernel) * std::size_t(g.channels) * std::size_t(g.filters);
}

/// Floats of scratch that conv2d_tensor_forward_statistics needs.
inline std::size_t conv2d_tensor_statistics_scratch_size(const Conv2DGeometry& g) {
  const int tiles = TileCount(count_of(g.batch, g.out_height, g.out_width), g.filters).down;
  return 2 * std::size_t(tiles) * std::size_t(g.filters) + column_sums_scratch_size(g.filters, 2);
}

}  // namespace ferlab::kernels
