// SPDX-License-Identifier: MIT
// Patches of the image times the kernel. All three ops go through the batch in pieces of patches_at_once patches.
#pragma once

#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/patches.hpp"
#include "ferlab/ops/conv2d.hpp"

namespace ferlab::ops {

constexpr std::size_t packed_size(const EigenCpu*, const Conv2D&) { return 0; }
constexpr std::size_t scratch_size(const EigenCpu*, const Conv2D& op) {
  return detail::patches_scratch_size(op.geometry);
}
constexpr std::size_t scratch_size(const EigenCpu*, const Conv2DBackwardFilter& op) {
  return detail::patches_scratch_size(op.geometry);
}
constexpr std::size_t scratch_size(const EigenCpu*, const Conv2DBackwardData& op) {
  return detail::patches_scratch_size(op.geometry);
}

template <class T>
void run(const EigenCpu&, const Conv2D& op, const Memory<T>& m) {
  const ops::Conv2DGeometry g = m.of(op.geometry);
  const auto kernel = detail::as_matrix(m[op.kernel], detail::patch_size(g), g.filters);
  detail::for_each_piece(g, [&](Eigen::Index first, Eigen::Index count) {
    const auto patches = detail::as_matrix(m.template scratch<T>(op.scratch), count, detail::patch_size(g));
    const auto y = detail::as_matrix(m[op.y] + first * g.filters, count, g.filters);
    detail::gather_patches(g, m[op.x], first, patches);
    detail::product(y, patches, kernel);
    detail::add_bias_and_activate(y, m[op.bias], op.activation);
  });
}

/// dkernel = transposed patches * dy.
template <class T>
void run(const EigenCpu&, const Conv2DBackwardFilter& op, const Memory<T>& m) {
  const ops::Conv2DGeometry g = m.of(op.geometry);
  auto dkernel = detail::as_matrix(m[op.dkernel], detail::patch_size(g), g.filters);
  dkernel.setZero();
  detail::for_each_piece(g, [&](Eigen::Index first, Eigen::Index count) {
    const auto patches = detail::as_matrix(m.template scratch<T>(op.scratch), count, detail::patch_size(g));
    const auto dy = detail::as_matrix(m[op.dy] + first * g.filters, count, g.filters);
    detail::gather_patches(g, m[op.x], first, patches);
    detail::add_product(dkernel, patches.transpose(), dy);
  });
}

/// The gradient of the patches is dy * transposed kernel.
template <class T>
void run(const EigenCpu&, const Conv2DBackwardData& op, const Memory<T>& m) {
  const ops::Conv2DGeometry g = m.of(op.geometry);
  const auto kernel = detail::as_matrix(m[op.kernel], detail::patch_size(g), g.filters);
  detail::elements(m, op.dx).setZero();
  detail::for_each_piece(g, [&](Eigen::Index first, Eigen::Index count) {
    auto patches = detail::as_matrix(m.template scratch<T>(op.scratch), count, detail::patch_size(g));
    const auto dy = detail::as_matrix(m[op.dy] + first * g.filters, count, g.filters);
    detail::product(patches, dy, kernel.transpose());
    detail::scatter_patches(g, patches, first, m[op.dx]);
  });
}

}  // namespace ferlab::ops
