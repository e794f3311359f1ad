// SPDX-License-Identifier: MIT
// The one file that nvcc must see: every kernel for every type it is used with.
#include <tuple>

#include "kernels/add.cuh"
#include "kernels/augment_batch.cuh"
#include "kernels/average_pool.cuh"
#include "kernels/batch_norm_max_pool_dropout.cuh"
#include "kernels/bias.cuh"
#include "kernels/conv2d_direct.cuh"
#include "kernels/conv2d_tensor.cuh"
#include "kernels/fill_batch.cuh"
#include "kernels/optimizers.cuh"
#include "kernels/relu.cuh"
#include "kernels/softmax_crossentropy.cuh"

namespace ferlab::kernels {

namespace {

/// Taking a function's address has the compiler make it.
template <class S>
auto of_type() {
  return std::tuple{
      &add<S>,
      &augment_batch<S>,
      &average_pool_backward<S>,
      &average_pool_forward<S>,
      &batch_norm_backward<S, S>,
      &batch_norm_forward_inference<S>,
      &batch_norm_forward_training<S>,
      &batch_norm_max_pool_dropout_backward<S, S>,
      &batch_norm_max_pool_dropout_forward<S>,
      &batch_norm_max_pool_inference<S>,
      &batch_statistics<S>,
      &bias_backward<S, S>,
      &bias_relu_forward<S>,
      &categorical_crossentropy<S>,
      &dropout<S>,
      &fill_batch<S>,
      &max_pool_backward<S>,
      &max_pool_forward<S>,
      &relu_backward<S>,
      &relu_bias_backward<S, S>,
      &relu_forward<S>,
      &scale_pixels<S>,
      &softmax<S>,
      &softmax_backward<S>,
      &softmax_crossentropy<S>,
      &adam<S>,
      &clip_by_global_norm<S>,
      &conv2d_direct_backward_data<S, S>,
      &conv2d_direct_backward_filter<S, S>,
      &conv2d_direct_forward<S, S>,
      &sgd<S>,
  };
}

}  // namespace

extern const auto all = std::tuple{
    of_type<float>(),
    of_type<bfloat16>(),
    &conv2d_tensor_backward_filter<bfloat16>,
    &conv2d_tensor_forward<bfloat16>,
    &conv2d_tensor_forward_statistics<bfloat16>,
    &convert<bfloat16, float>,
    &convert<float, bfloat16>,
};

}  // namespace ferlab::kernels

// What is no template, under names that ordinary compilers link with: see kernels/kernels.hpp.
namespace ferlab::cuda {

void conv2d_tensor_backward_data(cudaStream_t stream, const Conv2DGeometry& g, const bfloat16* dy, const bfloat16* w,
                                 const bfloat16* relu, bfloat16* dx) {
  kernels::conv2d_tensor_backward_data(stream, g, dy, w, relu, dx);
}
void begin_step(cudaStream_t stream, StepState* state, const float* learning_rates, const AdamFactors& factors) {
  kernels::begin_step(stream, state, learning_rates, factors);
}
void check_loss(cudaStream_t stream, const StepMetrics* metrics, StepState* state) {
  kernels::check_loss(stream, metrics, state);
}
void end_step(cudaStream_t stream, StepState* state) { kernels::end_step(stream, state); }
void add_penalty(cudaStream_t stream, std::ptrdiff_t n, const float* weights, const kernels::Penalties& penalties,
                 std::int64_t samples, StepMetrics* metrics, double* scratch) {
  kernels::add_penalty(stream, n, weights, penalties, samples, metrics, scratch);
}

}  // namespace ferlab::cuda
