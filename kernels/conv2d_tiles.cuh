// SPDX-License-Identifier: MIT
// What the convolution on the tensor cores copies into the tiles of its matrix products: patches of an image, gathered
// on the way, and weights in either direction. Each has copy(tile, first k): 16 bytes per thread and turn.
#pragma once

#include "kernels/divisor.hpp"
#include "kernels/gemm_tile.cuh"

namespace ferlab::kernels {

/// An image whose patches are the lines of a tile: line p is what pixel p of the other image sees, in the order of w.
/// Forward a pixel begins at row * stride - pad and sees what follows; backward (step -1) it begins at row + pad and
/// sees what comes before.
struct Patches {
  const bfloat16* image;
  int height, width, channels;  ///< of the image
  int rows, columns;            ///< of the other image
  int count;                    ///< of its pixels
  int kernel, stride, pad_top, pad_left, step;
  Divisor by_rows{rows}, by_columns{columns};
};

template <class Tile>
struct PatchCopier {
  Patches p;
  int top[chunks_a_thread<Tile>], left[chunks_a_thread<Tile>];
  std::ptrdiff_t image[chunks_a_thread<Tile>];

  __device__ PatchCopier(const Patches& patches, int first) : p(patches) {
    for_each_chunk<Tile>([&](int line, int, int i) {
      const int pixel = first + line, row = pixel / p.columns;
      top[i] = pixel < p.count ? row % p.rows * p.stride - p.step * p.pad_top : -(1 << 20);  // far outside
      left[i] = pixel % p.columns * p.stride - p.step * p.pad_left;
      image[i] = std::ptrdiff_t(row / p.rows) * p.height * p.width;
    });
  }
  __device__ void copy(const Tile& tile, int first) const {
    const int k = first + int(threadIdx.x) % Tile::chunks * 8, tap = k / p.channels;
    const int down = tap / p.kernel * p.step, across = tap % p.kernel * p.step, channel = k - tap * p.channels;
    for_each_chunk<Tile>([&](int line, int chunk, int i) {
      const int h = top[i] + down, w = left[i] + across;
      const bool inside = tap < p.kernel * p.kernel && h >= 0 && h < p.height && w >= 0 && w < p.width;
      const std::ptrdiff_t at = (image[i] + std::ptrdiff_t(h) * p.width + w) * p.channels + channel;
      copy_async(tile.at(line, chunk), p.image + (inside ? at : 0), inside);
    });
  }
};

/// The same patches transposed: line k of the tile is pixel k, along it run the rows of the result.
template <class Tile>
struct TransposedPatchCopier {
  Patches p;
  int down, across, channel;
  bool wanted;

  __device__ TransposedPatchCopier(const Patches& patches, int first) : p(patches) {
    const int row = first + int(threadIdx.x) % Tile::chunks * 8, tap = row / p.channels;
    down = tap / p.kernel, across = tap % p.kernel, channel = row - tap * p.channels;
    wanted = tap < p.kernel * p.kernel;
  }
  __device__ void copy(const Tile& tile, int first) const {
    for_each_chunk<Tile>([&](int line, int chunk, int) {
      const int pixel = first + line, row = p.by_columns.quotient(pixel), number = p.by_rows.quotient(row);
      const int h = (row - number * p.rows) * p.stride - p.pad_top + down;
      const int w = (pixel - row * p.columns) * p.stride - p.pad_left + across;
      const bool inside = wanted && pixel < p.count && h >= 0 && h < p.height && w >= 0 && w < p.width;
      const std::ptrdiff_t at = ((std::ptrdiff_t(number) * p.height + h) * p.width + w) * p.channels + channel;
      copy_async(tile.at(line, chunk), p.image + (inside ? at : 0), inside);
    });
  }
};

/// A matrix [depth][columns] as it stands: dy for the gradient of w.
template <class Tile>
struct MatrixCopier {
  const bfloat16* matrix;
  int depth, columns, first_column;

  __device__ void copy(const Tile& tile, int first) const {
    for_each_chunk<Tile>([&](int line, int chunk, int) {
      const int k = first + line, column = first_column + chunk * 8;
      const bool inside = k < depth && column < columns;
      copy_async(tile.at(line, chunk), matrix + (inside ? std::ptrdiff_t(k) * columns + column : 0), inside);
    });
  }
};

/// w as it stands, for the forward pass: line f of the tile is a filter, along it run the taps, and in each the
/// channels.
template <class Tile>
struct KernelCopier {
  const bfloat16* w;
  int filters, depth, first_filter;

  __device__ void copy(const Tile& tile, int first) const {
    const int k = first + int(threadIdx.x) % Tile::chunks * 8;
    for_each_chunk<Tile>([&](int line, int chunk, int) {
      const int filter = first_filter + line;
      const bool inside = k < depth && filter < filters;
      copy_async(tile.at(line, chunk), w + (inside ? std::ptrdiff_t(filter) * depth + k : 0), inside);
    });
  }
};

/// w for the gradient of x: line k of the tile is a filter of a tap, along it run the input channels.
template <class Tile>
struct TransposedKernelCopier {
  const bfloat16* w;
  int taps, channels, filters, first_channel;

  __device__ void copy(const Tile& tile, int first) const {
    for_each_chunk<Tile>([&](int line, int chunk, int) {
      const int k = first + line, tap = k / filters, filter = k - tap * filters, channel = first_channel + chunk * 8;
      const bool inside = tap < taps && channel < channels;
      const std::ptrdiff_t at = (std::ptrdiff_t(filter) * taps + tap) * channels + channel;
      copy_async(tile.at(line, chunk), w + (inside ? at : 0), inside);
    });
  }
};

}  // namespace ferlab::kernels
