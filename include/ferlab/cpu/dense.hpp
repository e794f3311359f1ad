// SPDX-License-Identifier: MIT
// A dense layer is a 1 x 1 convolution over an image one pixel high and one batch wide.
#pragma once

#include "ferlab/cpu/conv2d.hpp"
#include "ferlab/ops/dense.hpp"

namespace ferlab {

namespace detail {
constexpr ops::Conv2DGeometry dense_geometry(int batch, int in, int units) {
  return {1, 1, batch, in, 1, batch, units, 1, 1, 0, 0};
}
}  // namespace detail

namespace ops {

constexpr std::size_t packed_size(const Cpu*, const Dense& op) {
  return detail::conv2d_packed_size(detail::dense_geometry(1, op.x.shape.channels, op.y.shape.channels));
}
constexpr std::size_t scratch_size(const Cpu*, const DenseBackwardData& op) {
  return detail::conv2d_backward_data_scratch(detail::dense_geometry(1, op.dx.shape.channels, op.dy.shape.channels));
}

template <class T>
void run(const Cpu& cpu, const PackWeights<Dense>& pack, const Memory<T>& m) {
  const Dense& op = pack.op;
  detail::conv2d_pack<T>(cpu, detail::dense_geometry(1, op.x.shape.channels, op.y.shape.channels), m[op.kernel],
                         m[op.packed]);
}
template <class T>
void run(const Cpu& cpu, const Dense& op, const Memory<T>& m) {
  detail::conv2d_forward<T>(cpu, detail::dense_geometry(m.batch, op.x.shape.channels, op.y.shape.channels), m[op.x],
                            m[op.packed], m[op.bias], op.activation, m[op.y]);
}
template <class T>
void run(const Cpu& cpu, const DenseBackwardData& op, const Memory<T>& m) {
  detail::conv2d_backward_data<T>(cpu, detail::dense_geometry(m.batch, op.dx.shape.channels, op.dy.shape.channels),
                                  m[op.dy], m[op.kernel], m[op.dx], m.template scratch<T>(op.scratch));
}
template <class T>
void run(const Cpu& cpu, const DenseBackwardFilter& op, const Memory<T>& m) {
  const ops::Conv2DGeometry g = detail::dense_geometry(m.batch, op.x.shape.channels, op.dy.shape.channels);
  detail::FilterGradient<T>{g, m[op.x], m[op.dy], m[op.dkernel]}.run(cpu);
}

}  // namespace ops

}  // namespace ferlab
