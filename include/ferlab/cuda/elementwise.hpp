// SPDX-License-Identifier: MIT
// Ops that treat elements alike; each as in the file of its name beside ferlab/cpu/elementwise.hpp.
#pragma once

#include "ferlab/cuda/context.hpp"

namespace ferlab {

template <Precision P, class V>
void relu_forward(const Cuda<P>& cuda, std::ptrdiff_t n, const V* x, V* y) {
  kernels::relu_forward(cuda.stream(), n, x, y);
}
template <Precision P, class V>
void relu_backward(const Cuda<P>& cuda, std::ptrdiff_t n, const V* y, const V* dy, V* dx) {
  kernels::relu_backward(cuda.stream(), n, y, dy, dx);
}

template <Precision P, class V>
void add(const Cuda<P>& cuda, std::ptrdiff_t n, const V* a, const V* b, V* y) {
  kernels::add(cuda.stream(), n, a, b, y);
}
template <Precision P, class V>
void accumulate(const Cuda<P>& cuda, std::ptrdiff_t n, const V* x, V* y) {
  add(cuda, n, y, x, y);
}

/// y = x in another type.
template <Precision P, class From, class To>
void convert(const Cuda<P>& cuda, std::ptrdiff_t n, const From* x, To* y) {
  kernels::convert(cuda.stream(), n, x, y);
}

template <Precision P, class V>
void dropout_forward(const Cuda<P>& cuda, int batch, std::ptrdiff_t features, float rate, const StepStream& random,
                     const V* x, V* y) {
  kernels::dropout(cuda.stream(), batch * features, rate, random, x, y);
}
template <Precision P, class V>
void dropout_backward(const Cuda<P>& cuda, int batch, std::ptrdiff_t features, float rate, const StepStream& random,
                      const V* dy, V* dx) {
  dropout_forward(cuda, batch, features, rate, random, dy, dx);
}

}  // namespace ferlab
