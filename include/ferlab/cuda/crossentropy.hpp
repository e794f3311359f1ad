// SPDX-License-Identifier: MIT
// As ferlab/cpu/softmax.hpp and ferlab/cpu/crossentropy.hpp.
#pragma once

#include "ferlab/cuda/context.hpp"

namespace ferlab {

template <Precision P, class V>
void softmax_forward(const Cuda<P>& cuda, std::ptrdiff_t rows, int classes, const V* x, V* y) {
  kernels::softmax(cuda.stream(), rows, classes, x, y);
}
template <Precision P, class V>
void softmax_backward(const Cuda<P>& cuda, std::ptrdiff_t rows, int classes, const V* y, const V* dy, V* dx) {
  kernels::softmax_backward(cuda.stream(), rows, classes, y, dy, dx);
}

template <Precision P>
constexpr std::size_t crossentropy_scratch_size(On<Cuda<P>>, std::ptrdiff_t rows) {
  return kernels::softmax_crossentropy_scratch_size(rows);
}
template <Precision P, class V>
void softmax_crossentropy(const Cuda<P>& cuda, std::ptrdiff_t rows, int classes, const V* logits,
                          const std::uint8_t* labels, float label_smoothing, float gradient_scale, V* probabilities,
                          V* gradient, StepMetrics* metrics, float* scratch) {
  kernels::softmax_crossentropy(cuda.stream(), rows, classes, logits, labels, label_smoothing, gradient_scale,
                                probabilities, gradient, metrics, scratch);
}
template <Precision P, class V>
void categorical_crossentropy(const Cuda<P>& cuda, std::ptrdiff_t rows, int classes, const V* outputs,
                              const std::uint8_t* labels, float label_smoothing, float gradient_scale, V* gradient,
                              StepMetrics* metrics, float* scratch) {
  kernels::categorical_crossentropy(cuda.stream(), rows, classes, outputs, labels, label_smoothing, gradient_scale,
                                    gradient, metrics, scratch);
}

}  // namespace ferlab
