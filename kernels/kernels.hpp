// SPDX-License-Identifier: MIT
// The launchers for programs of an ordinary compiler: what kernels/ferlab.cu has nvcc make, S being float or bfloat16.
// What each does stands beside its definition, in the .cuh of its name. Nothing of CUDA is included.
#pragma once

#include <type_traits>

#include "ferlab/core/batch_statistics.hpp"
#include "ferlab/core/flat_weights.hpp"
#include "ferlab/core/geometry.hpp"
#include "ferlab/core/step_state.hpp"
#include "ferlab/data/augmentation.hpp"
#include "kernels/conv2d_tensor.hpp"
#include "kernels/scratch.hpp"
#include "kernels/types.hpp"

struct CUstream_st;
using cudaStream_t = CUstream_st*;

namespace ferlab::kernels {

// add.cuh
template <class S>
void add(cudaStream_t, std::ptrdiff_t n, const S* a, const S* b, S* y);
template <class From, class To>
void convert(cudaStream_t, std::ptrdiff_t n, const From* x, To* y);

// average_pool.cuh, max_pool.cuh
template <class S>
void average_pool_forward(cudaStream_t, const Pool2DGeometry&, const S* x, S* y);
template <class S>
void average_pool_backward(cudaStream_t, const Pool2DGeometry&, const S* dy, S* dx);
template <class S>
void max_pool_forward(cudaStream_t, const Pool2DGeometry&, const S* x, S* y, std::uint8_t* argmax);
template <class S>
void max_pool_backward(cudaStream_t, const Pool2DGeometry&, const S* dy, const std::uint8_t* argmax, S* dx);

// batch_norm.cuh, batch_norm_max_pool_dropout.cuh
template <class S>
void batch_statistics(cudaStream_t, std::ptrdiff_t rows, int channels, const S* x, const BatchStatistics<float>&,
                      float* scratch);
template <class S>
void batch_norm_forward_training(cudaStream_t, std::ptrdiff_t rows, int channels, const S* x, const float* gamma,
                                 const float* beta, const float* mean, const float* inv_std, S* y);
template <class S>
void batch_norm_forward_inference(cudaStream_t, std::ptrdiff_t rows, int channels, const S* x, const float* gamma,
                                  const float* beta, const float* moving_mean, const float* moving_variance,
                                  float epsilon, S* y);
template <class S, class G>
void batch_norm_backward(cudaStream_t, std::ptrdiff_t rows, int channels, const S* x, const S* dy, const float* gamma,
                         const float* mean, const float* inv_std, S* dx, G* dgamma, G* dbeta,
                         std::type_identity_t<G>* db, float* scratch);
template <class S>
void batch_norm_max_pool_dropout_forward(cudaStream_t, const Pool2DGeometry&, const S* x, const float* gamma,
                                         const float* beta, const float* mean, const float* inv_std, float rate,
                                         const StepStream&, S* y, S* maxima, std::uint8_t* argmax);
template <class S, class G>
void batch_norm_max_pool_dropout_backward(cudaStream_t, const Pool2DGeometry&, const S* x, const S* maxima,
                                          const std::uint8_t* argmax, const S* dy, const float* gamma,
                                          const float* mean, const float* inv_std, float rate, S* dx, G* dgamma,
                                          G* dbeta, std::type_identity_t<G>* db, float* scratch);
template <class S>
void batch_norm_max_pool_inference(cudaStream_t, const Pool2DGeometry&, const S* x, const float* gamma,
                                   const float* beta, const float* moving_mean, const float* moving_variance,
                                   float epsilon, S* y);

// bias.cuh
template <class S, class G>
void bias_backward(cudaStream_t, std::ptrdiff_t rows, int channels, const S* dy, G* db, float* scratch);
template <class S, class G>
void relu_bias_backward(cudaStream_t, std::ptrdiff_t rows, int channels, const S* y, S* dy, G* db, float* scratch);

// conv2d_direct.cuh
template <class S, class W>
void conv2d_direct_forward(cudaStream_t, const Conv2DGeometry&, const S* x, const W* w, const W* bias, Activation,
                           S* y);
template <class S, class G>
void conv2d_direct_backward_filter(cudaStream_t, const Conv2DGeometry&, const S* x, const S* dy, G* dw, float* scratch);
template <class S, class W>
void conv2d_direct_backward_data(cudaStream_t, const Conv2DGeometry&, const S* dy, const W* w, S* dx);

// conv2d_tensor.cuh
template <class W>
void conv2d_tensor_forward(cudaStream_t, const Conv2DGeometry&, const bfloat16* x, const bfloat16* w, const W* bias,
                           Activation, bfloat16* y);
template <class W>
void conv2d_tensor_forward_statistics(cudaStream_t, const Conv2DGeometry&, const bfloat16* x, const bfloat16* w,
                                      const W* bias, Activation, bfloat16* y, const BatchStatistics<float>&,
                                      float* scratch);
template <class G>
void conv2d_tensor_backward_filter(cudaStream_t, const Conv2DGeometry&, const bfloat16* x, const bfloat16* dy, G* dw,
                                   float* scratch);

// augment_batch.cuh
template <class S>
void augment_batch(cudaStream_t, const DeviceImages&, const StepState*, int capacity, int count, const PixelScale&,
                   const data::Augmenter&, S* images, std::uint8_t* labels);

// dropout.cuh
template <class S>
void dropout(cudaStream_t, std::ptrdiff_t n, float rate, const StepStream&, const S* x, S* y);

// fill_batch.cuh
template <class S>
void fill_batch(cudaStream_t, const DeviceImages&, const StepState*, int capacity, int count, const PixelScale&,
                S* images, std::uint8_t* labels);

template <class S>
void scale_pixels(cudaStream_t, std::ptrdiff_t n, const std::uint8_t* pixels, const PixelScale&, S* images);

// optimizers.cuh, penalties.cuh
template <class G>
void adam(cudaStream_t, const FlatArrays<G>&, float* momentum, float* velocity, const AdamFactors&, StepState*);
template <class G>
void sgd(cudaStream_t, const FlatArrays<G>&, float* velocity, float momentum, bool nesterov, StepState*);
template <class G>
void clip_by_global_norm(cudaStream_t, std::ptrdiff_t n, const float* weights, const G* gradients, const Penalties&,
                         float clipnorm, StepState*, double* scratch);

// relu.cuh
template <class S>
void relu_forward(cudaStream_t, std::ptrdiff_t n, const S* x, S* y);
template <class S>
void relu_backward(cudaStream_t, std::ptrdiff_t n, const S* y, const S* dy, S* dx);

// softmax_crossentropy.cuh
template <class S>
void softmax(cudaStream_t, std::ptrdiff_t rows, int classes, const S* logits, S* probabilities);
template <class S>
void softmax_backward(cudaStream_t, std::ptrdiff_t rows, int classes, const S* y, const S* dy, S* dx);
template <class S>
void softmax_crossentropy(cudaStream_t, std::ptrdiff_t rows, int classes, const S* logits, const std::uint8_t* labels,
                          float label_smoothing, float gradient_scale, S* probabilities, S* gradient, StepMetrics*,
                          float* scratch);
template <class S>
void categorical_crossentropy(cudaStream_t, std::ptrdiff_t rows, int classes, const S* outputs,
                              const std::uint8_t* labels, float label_smoothing, float gradient_scale, S* gradient,
                              StepMetrics*, float* scratch);

}  // namespace ferlab::kernels

// conv2d_tensor.cuh, penalties.cuh, step_state.cuh: what is no template
namespace ferlab::cuda {

void conv2d_tensor_backward_data(cudaStream_t, const Conv2DGeometry&, const bfloat16* dy, const bfloat16* w,
                                 const bfloat16* relu, bfloat16* dx);
void begin_step(cudaStream_t, StepState*, const float* learning_rates, const AdamFactors&);
void check_loss(cudaStream_t, const StepMetrics*, StepState*);
void end_step(cudaStream_t, StepState*);
void add_penalty(cudaStream_t, std::ptrdiff_t n, const float* weights, const kernels::Penalties&, std::int64_t samples,
                 StepMetrics*, double* scratch);

}  // namespace ferlab::cuda
