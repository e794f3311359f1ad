// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/batch_norm_max_pool_dropout.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

/// x at the maximum, and where it was, for each pooled value.
template <Precision P>
constexpr std::size_t saved_size(const Cuda<P>*, const BatchNormMaxPoolDropout& op) {
  return op.dropout.y.shape.size() * (sizeof(typename Cuda<P>::template Element<float>) + 1);
}
template <Precision P>
constexpr std::size_t scratch_size(const Cuda<P>*, const BatchNormMaxPoolDropoutBackward& op) {
  return sizeof(float) * kernels::batch_norm_scratch_size(op.norm.x.shape.channels);
}

template <Precision P, class V>
void run(const Cuda<P>& cuda, const BatchNormMaxPoolDropout& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::BatchNormMaxPoolDropout<V>{
                                  .geometry = m.of(op.pool.geometry),
                                  .x = m[op.norm.x],
                                  .gamma = m[op.norm.gamma],
                                  .beta = m[op.norm.beta],
                                  .mean = m[op.norm.mean],
                                  .inv_std = m[op.norm.inv_std],
                                  .rate = m[op.dropout.rate],
                                  .random = m.stream(op.dropout.layer),
                                  .y = m[op.dropout.y],
                                  .maxima = reinterpret_cast<V*>(m[op.saved]),
                                  .argmax = m[op.saved] + m.size(op.dropout.y) * std::ptrdiff_t(sizeof(V))});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const BatchNormMaxPoolDropoutBackward& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::BatchNormMaxPoolDropoutBackward<V>{
                                  .geometry = m.of(op.pool.geometry),
                                  .x = m[op.norm.x],
                                  .maxima = reinterpret_cast<const V*>(m[op.saved]),
                                  .argmax = m[op.saved] + m.size(op.dropout.dy) * std::ptrdiff_t(sizeof(V)),
                                  .dy = m[op.dropout.dy],
                                  .gamma = m[op.norm.gamma],
                                  .mean = m[op.norm.mean],
                                  .inv_std = m[op.norm.inv_std],
                                  .rate = m[op.dropout.rate],
                                  .dx = m[op.norm.dx],
                                  .dgamma = m[op.norm.dgamma],
                                  .dbeta = m[op.norm.dbeta],
                                  .drelu_bias = m[op.norm.drelu_bias],
                                  .scratch = m.template scratch<float>(op.scratch)});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const BatchNormMaxPoolInference& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::BatchNormMaxPoolInference<V>{.geometry = m.of(op.pool.geometry),
                                                                    .x = m[op.norm.x],
                                                                    .gamma = m[op.norm.gamma],
                                                                    .beta = m[op.norm.beta],
                                                                    .moving_mean = m[op.norm.moving_mean],
                                                                    .moving_variance = m[op.norm.moving_variance],
                                                                    .epsilon = m[op.norm.epsilon],
                                                                    .y = m[op.pool.y]});
}

}  // namespace ferlab::ops
