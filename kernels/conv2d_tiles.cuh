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
  Divisor by_rows{rows}, by_columns{columns}, by_channels{channels}, by_kernel{kernel};

  /// What stands at k in the depth of the product: a channel of a tap.
  struct Tap {
    int number, down, across, channel;
  };
  __device__ Tap tap(int k) const {
    const int number = by_channels.quotient(k), down = by_kernel.quotient(number);
    return {number, down, number - down * kernel, k - number * channels};
  }
  __device__ bool has(const Tap& tap) const { return tap.number < kernel * kernel; }
  __device__ bool contains(int h, int w) const {  // what is negative is a large number without a sign
    return unsigned(h) < unsigned(height) && unsigned(w) < unsigned(width);
  }
  __device__ std::ptrdiff_t at(int number, int h, int w, int channel) const {
    return ((std::ptrdiff_t(number) * height + h) * width + w) * channels + channel;
  }
};

template <class Tile>
struct PatchCopier {
  Patches p;
  int top[chunks_a_thread<Tile>], left[chunks_a_thread<Tile>];
  std::ptrdiff_t corner[chunks_a_thread<Tile>];  ///< where (top, left) would lie

  __device__ PatchCopier(const Patches& patches, int first) : p(patches) {
    for_each_chunk<Tile>([&](int line, int, int i) {
      const int pixel = first + line, row = p.by_columns.quotient(pixel), number = p.by_rows.quotient(row);
      top[i] = pixel < p.count ? (row - number * p.rows) * p.stride - p.step * p.pad_top : -(1 << 20);  // far outside
      left[i] = (pixel - row * p.columns) * p.stride - p.step * p.pad_left;
      corner[i] = p.at(number, top[i], left[i], 0);
    });
  }
  __device__ void copy(const Tile& tile, int first) const {
    const Patches::Tap tap = p.tap(first + int(threadIdx.x) % Tile::chunks * 8);
    const int down = tap.down * p.step, across = tap.across * p.step;
    const std::ptrdiff_t from_corner = p.at(0, down, across, tap.channel);
    for_each_chunk<Tile>([&](int line, int chunk, int i) {
      const bool inside = p.has(tap) && p.contains(top[i] + down, left[i] + across);
      copy_async(tile.at(line, chunk), p.image + (inside ? corner[i] + from_corner : 0), inside);
    });
  }
};

/// The same patches transposed: line k of the tile is pixel k, along it run the rows of the result.
template <class Tile>
struct TransposedPatchCopier {
  Patches p;
  Patches::Tap tap;

  __device__ TransposedPatchCopier(const Patches& patches, int first)
      : p(patches), tap(p.tap(first + int(threadIdx.x) % Tile::chunks * 8)) {}
  __device__ void copy(const Tile& tile, int first) const {
    for_each_chunk<Tile>([&](int line, int chunk, int) {
      const int pixel = first + line, row = p.by_columns.quotient(pixel), number = p.by_rows.quotient(row);
      const int h = (row - number * p.rows) * p.stride - p.pad_top + tap.down;
      const int w = (pixel - row * p.columns) * p.stride - p.pad_left + tap.across;
      const bool inside = p.has(tap) && pixel < p.count && p.contains(h, w);
      copy_async(tile.at(line, chunk), p.image + (inside ? p.at(number, h, w, tap.channel) : 0), inside);
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
  Divisor by_filters;

  __device__ void copy(const Tile& tile, int first) const {
    for_each_chunk<Tile>([&](int line, int chunk, int) {
      const int k = first + line, tap = by_filters.quotient(k), filter = k - tap * filters;
      const int channel = first_channel + chunk * 8;
      const bool inside = tap < taps && channel < channels;
      const std::ptrdiff_t at = (std::ptrdiff_t(filter) * taps + tap) * channels + channel;
      copy_async(tile.at(line, chunk), w + (inside ? at : 0), inside);
    });
  }
};

}  // namespace ferlab::kernels
