// SPDX-License-Identifier: MIT
// As ferlab/cpu/batch_norm.hpp and batch_norm_max_pool_dropout.hpp.
#pragma once

#include "ferlab/cuda/context.hpp"

namespace ferlab {

template <Precision P>
constexpr std::size_t batch_norm_scratch_size(On<Cuda<P>>, int channels) {
  return kernels::batch_norm_scratch_size(channels);
}
template <Precision P, class V>
void batch_statistics(const Cuda<P>& cuda, std::ptrdiff_t rows, int channels, const V* x,
                      const BatchStatistics<float>& found, float* scratch) {
  kernels::batch_statistics(cuda.stream(), rows, channels, x, found, scratch);
}
template <Precision P, class V>
void batch_norm_forward_training(const Cuda<P>& cuda, std::ptrdiff_t rows, int channels, const V* x, const float* gamma,
                                 const float* beta, const float* mean, const float* inv_std, V* y, float*) {
  kernels::batch_norm_forward_training(cuda.stream(), rows, channels, x, gamma, beta, mean, inv_std, y);
}
template <Precision P, class V>
void batch_norm_forward_inference(const Cuda<P>& cuda, std::ptrdiff_t rows, int channels, const V* x,
                                  const float* gamma, const float* beta, const float* moving_mean,
                                  const float* moving_variance, float epsilon, V* y) {
  kernels::batch_norm_forward_inference(cuda.stream(), rows, channels, x, gamma, beta, moving_mean, moving_variance,
                                        epsilon, y);
}
template <Precision P, class V>
void batch_norm_backward(const Cuda<P>& cuda, std::ptrdiff_t rows, int channels, const V* x, const V* dy,
                         const float* gamma, const float* mean, const float* inv_std, V* dx, V* dgamma, V* dbeta,
                         std::type_identity_t<V>* db, float* scratch) {
  kernels::batch_norm_backward(cuda.stream(), rows, channels, x, dy, gamma, mean, inv_std, dx, dgamma, dbeta, db,
                               scratch);
}

/// Bytes kept for the backward pass for each pooled value: x at the maximum, and where it was.
template <Precision P>
constexpr std::size_t batch_norm_max_pool_dropout_saved_bytes(On<Cuda<P>>) {
  return sizeof(typename Cuda<P>::template Value<float>) + 1;
}
template <Precision P, class V>
void batch_norm_max_pool_dropout_forward_training(const Cuda<P>& cuda, const Pool2DGeometry& g, const V* x,
                                                  const float* gamma, const float* beta, const float* mean,
                                                  const float* inv_std, float rate, const StepStream& random, V* y,
                                                  std::uint8_t* saved, float*) {
  const std::size_t pooled = std::size_t(g.batch) * std::size_t(g.out_height * g.out_width * g.channels);
  kernels::batch_norm_max_pool_dropout_forward(cuda.stream(), g, x, gamma, beta, mean, inv_std, rate, random, y,
                                               reinterpret_cast<V*>(saved), saved + pooled * sizeof(V));
}
template <Precision P, class V>
void batch_norm_max_pool_dropout_backward(const Cuda<P>& cuda, const Pool2DGeometry& g, const V* x, const V* dy,
                                          const float* gamma, const float* mean, const float* inv_std, float rate,
                                          const StepStream&, const std::uint8_t* saved, V* dx, V* dgamma, V* dbeta,
                                          std::type_identity_t<V>* db, float* scratch) {
  const std::size_t pooled = std::size_t(g.batch) * std::size_t(g.out_height * g.out_width * g.channels);
  kernels::batch_norm_max_pool_dropout_backward(cuda.stream(), g, x, reinterpret_cast<const V*>(saved),
                                                saved + pooled * sizeof(V), dy, gamma, mean, inv_std, rate, dx, dgamma,
                                                dbeta, db, scratch);
}
template <Precision P, class V>
void batch_norm_max_pool_inference(const Cuda<P>& cuda, const Pool2DGeometry& g, const V* x, const float* gamma,
                                   const float* beta, const float* moving_mean, const float* moving_variance,
                                   float epsilon, V* y) {
  kernels::batch_norm_max_pool_inference(cuda.stream(), g, x, gamma, beta, moving_mean, moving_variance, epsilon, y);
}

}  // namespace ferlab
