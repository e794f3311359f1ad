// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"

namespace ferlab {

/// As ferlab/cpu/bias.hpp.
template <Precision P, class V>
void bias_backward(const Cuda<P>& cuda, std::ptrdiff_t rows, int channels, const V* dy, V* db, float* scratch) {
  kernels::bias_backward(cuda.stream(), rows, channels, dy, db, scratch);
}
template <Precision P, class V>
void relu_bias_backward(const Cuda<P>& cuda, std::ptrdiff_t rows, int channels, const V* y, V* dy, V* db,
                        float* scratch) {
  kernels::relu_bias_backward(cuda.stream(), rows, channels, y, dy, db, scratch);
}

}  // namespace ferlab
