// SPDX-License-Identifier: MIT
// A convolution as a product (im2col): what the kernel sees from each output pixel is a row of a matrix.
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/geometry.hpp"

namespace ferlab::detail {

/// Rows of that matrix that are made at a time.
inline constexpr Index patches_at_once = 256;

constexpr Index patch_size(const ops::Conv2DGeometry& g) { return Index(g.kernel) * g.kernel * g.channels; }
/// Bytes of room for them, for T of up to 8 bytes.
constexpr std::size_t patches_scratch_size(const ops::Conv2DGeometry& g) {
  return sizeof(double) * std::size_t(patches_at_once * patch_size(g));
}

/// body(first, count) for all output pixels of the batch, patches_at_once at a time.
template <class Body>
void for_each_piece(const ops::Conv2DGeometry& g, const Body& body) {
  const Index pixels = Index(g.batch) * g.out_height * g.out_width;
  for (Index first = 0; first < pixels; first += patches_at_once)
    body(first, std::min(patches_at_once, pixels - first));
}

/// The parts of `count` patches that lie inside of their images, a line of the kernel at a time: visit(patch, position,
/// pixel, n): positions position ... + n - 1 of the patch see the pixels pixel ... + n - 1 of x.
template <class Visit>
void for_each_line(const ops::Conv2DGeometry& g, Index first, Index count, const Visit& visit) {
  for (Index patch = 0; patch < count; ++patch) {
    const Index out = first + patch, image = out / g.out_width / g.out_height;
    const Index top = out / g.out_width % g.out_height * g.stride - g.pad_top;
    const Index left = out % g.out_width * g.stride - g.pad_left;
    const Index begin = std::max<Index>(0, -left), end = std::min<Index>(g.kernel, g.width - left);
    const Index last_line = std::min<Index>(g.kernel, g.height - top);
    if (begin >= end) continue;
    for (Index line = std::max<Index>(0, -top); line < last_line; ++line)
      visit(patch, line * g.kernel + begin, (image * g.height + top + line) * g.width + left + begin, end - begin);
  }
}

/// patches [count][patch_size] of x; what lies outside of the image is zero.
template <class T>
void gather_patches(const ops::Conv2DGeometry& g, T* x, Index first, MatrixMap<T> patches) {
  patches.setZero();
  const Index c = g.channels;
  for_each_line(g, first, patches.rows(), [&](Index patch, Index position, Index pixel, Index n) {
    patches.row(patch).segment(position * c, n * c) = as_row(x + pixel * c, n * c).matrix();
  });
}

/// dx += the gradients of patches, each where its pixel is.
template <class T>
void scatter_patches(const ops::Conv2DGeometry& g, MatrixMap<T> patches, Index first, T* dx) {
  const Index c = g.channels;
  for_each_line(g, first, patches.rows(), [&](Index patch, Index position, Index pixel, Index n) {
    as_row(dx + pixel * c, n * c).matrix() += patches.row(patch).segment(position * c, n * c);
  });
}

}  // namespace ferlab::detail
