// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/batch_norm.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab {

namespace cuda {

/// Where the statistics of a BatchNorm go.
template <class V>
kernels::ChannelStatistics channel_statistics(const ops::BatchStatistics& op, const ops::Memory<float, V>& m) {
  return {m[op.epsilon], m[op.momentum], m[op.mean], m[op.inv_std], m[op.moving_mean], m[op.moving_variance]};
}

}  // namespace cuda

namespace ops {

template <Precision P>
constexpr std::size_t scratch_size(const Cuda<P>*, const BatchStatistics& op) {
  return sizeof(float) * kernels::batch_norm_scratch_size(op.x.shape.channels);
}
template <Precision P>
constexpr std::size_t scratch_size(const Cuda<P>*, const BatchNormBackward& op) {
  return sizeof(float) * kernels::batch_norm_scratch_size(op.x.shape.channels);
}

template <Precision P, class V>
void run(const Cuda<P>& cuda, const BatchStatistics& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::BatchStatistics<V>{.rows = m.rows(op.x),
                                                          .channels = op.x.shape.channels,
                                                          .x = m[op.x],
                                                          .found = ferlab::cuda::channel_statistics(op, m),
                                                          .scratch = m.template scratch<float>(op.scratch)});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const BatchNorm& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::BatchNorm<V>{.rows = m.rows(op.x),
                                                    .channels = op.x.shape.channels,
                                                    .x = m[op.x],
                                                    .gamma = m[op.gamma],
                                                    .beta = m[op.beta],
                                                    .mean = m[op.mean],
                                                    .inv_std = m[op.inv_std],
                                                    .y = m[op.y]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const BatchNormInference& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::BatchNormInference<V>{.rows = m.rows(op.x),
                                                             .channels = op.x.shape.channels,
                                                             .x = m[op.x],
                                                             .gamma = m[op.gamma],
                                                             .beta = m[op.beta],
                                                             .moving_mean = m[op.moving_mean],
                                                             .moving_variance = m[op.moving_variance],
                                                             .epsilon = m[op.epsilon],
                                                             .y = m[op.y]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const BatchNormBackward& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::BatchNormBackward<V>{.rows = m.rows(op.x),
                                                            .channels = op.x.shape.channels,
                                                            .x = m[op.x],
                                                            .dy = m[op.dy],
                                                            .gamma = m[op.gamma],
                                                            .mean = m[op.mean],
                                                            .inv_std = m[op.inv_std],
                                                            .dx = m[op.dx],
                                                            .dgamma = m[op.dgamma],
                                                            .dbeta = m[op.dbeta],
                                                            .drelu_bias = m[op.drelu_bias],
                                                            .scratch = m.template scratch<float>(op.scratch)});
}

}  // namespace ops

}  // namespace ferlab
