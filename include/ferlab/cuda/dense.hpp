// SPDX-License-Identifier: MIT
// Dense layers, of any width, by cuBLASLt.
#pragma once

#include "ferlab/cuda/context.hpp"

namespace ferlab {

/// Nothing is prepared: the rounded weights are in Keras's order, which the products read.
template <Precision P>
constexpr std::size_t dense_packed_size(On<Cuda<P>>, int, int) {
  return 0;
}
/// Floats of scratch that bias_backward needs.
template <Precision P>
constexpr std::size_t dense_backward_scratch_size(On<Cuda<P>>, int, int units) {
  return kernels::bias_scratch_size(units);
}

/// As ferlab/cpu/dense.hpp; w [in][units] and bias rounded to V.
template <Precision P, class V>
void dense_forward(const Cuda<P>& cuda, int batch, int in, int units, const V* x, const V* w, const V* bias,
                   Activation activation, V* y) {
  cuda.dense_products().forward(batch, in, units, x, w, bias, activation, y);
}
template <Precision P, class V>
void dense_backward_data(const Cuda<P>& cuda, int batch, int in, int units, const V* dy, const V* w, V* dx, float*) {
  cuda.dense_products().backward_data(batch, in, units, dy, w, dx);
}
template <Precision P, class V>
void dense_backward_filter(const Cuda<P>& cuda, int batch, int in, int units, const V* x, const V* dy, V* dw, float*) {
  cuda.dense_products().backward_filter(batch, in, units, x, dy, dw);
}

}  // namespace ferlab
