// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/crossentropy.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P>
constexpr std::size_t scratch_size_per_sample(const Cuda<P>*, const SoftmaxCrossentropy&) {
  return sizeof(float) * kernels::softmax_crossentropy_scratch_size(1);
}
template <Precision P>
constexpr std::size_t scratch_size_per_sample(const Cuda<P>*, const Crossentropy&) {
  return sizeof(float) * kernels::softmax_crossentropy_scratch_size(1);
}

template <Precision P, class V>
void run(const Cuda<P>& cuda, const SoftmaxCrossentropy& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::SoftmaxCrossentropy<V>{.rows = m.batch,
                                                              .classes = op.y.shape.channels,
                                                              .logits = m[op.logits],
                                                              .labels = m[op.target],
                                                              .label_smoothing = m[op.label_smoothing],
                                                              .gradient_scale = 1.0f / float(m.global_batch),
                                                              .probabilities = m[op.y],
                                                              .gradient = m[op.dlogits],
                                                              .metrics = m.metrics,
                                                              .hits = m[op.hits],
                                                              .scratch = m.template scratch<float>(op.scratch)});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const Crossentropy& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::Crossentropy<V>{.rows = m.batch,
                                                       .classes = op.y.shape.channels,
                                                       .outputs = m[op.y],
                                                       .labels = m[op.target],
                                                       .label_smoothing = m[op.label_smoothing],
                                                       .gradient_scale = 1.0f / float(m.global_batch),
                                                       .gradient = m[op.dy],
                                                       .metrics = m.metrics,
                                                       .scratch = m.template scratch<float>(op.scratch)});
}

}  // namespace ferlab::ops
