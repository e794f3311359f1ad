// SPDX-License-Identifier: MIT
// The one file that nvcc must see: every kernel for every type it is used with.
#include <tuple>

#include "kernels/accuracy.cuh"
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
#include "kernels/step_state.cuh"

namespace ferlab::kernels {

namespace {

template <class Op>
using Launcher = void (*)(cudaStream_t, const Op&);

/// Taking a function's address has the compiler make it.
template <class... Ops>
auto of_ops() {
  return std::tuple{static_cast<Launcher<Ops>>(&run)...};
}
template <class... Ops>
auto direct() {
  return std::tuple{static_cast<Launcher<Ops>>(&conv2d_direct)...};
}
template <class... Ops>
auto tensor() {
  return std::tuple{static_cast<Launcher<Ops>>(&conv2d_tensor)...};
}

template <class... Ops>
auto on_one_thread() {
  return std::tuple{static_cast<Launcher<Ops>>(&run_on_one_thread)...};
}

template <class S>
auto of_type() {
  return std::tuple{
      of_ops<Add<S>, AveragePool<S>, AveragePoolBackward<S>, MaxPool<S>, MaxPoolBackward<S>>(),
      of_ops<BatchStatistics<S>, BatchNorm<S>, BatchNormInference<S>, BatchNormBackward<S>>(),
      of_ops<BatchNormMaxPoolDropout<S>, BatchNormMaxPoolDropoutBackward<S>, BatchNormMaxPoolInference<S>>(),
      of_ops<BiasAdd<S>, BiasBackward<S>, ReLU<S>, ReLUBackward<S>, ReLUBiasBackward<S>, Dropout<S>>(),
      of_ops<Softmax<S>, SoftmaxBackward<S>, SoftmaxCrossentropy<S>, Crossentropy<S>, Accuracy<S>>(),
      of_ops<Adam<S>, SGD<S>, ClipByGlobalNorm<S>>(),
      of_ops<FillBatch<S>, AugmentBatch<S>, ScalePixels<S>>(),
      direct<Conv2D<S>, Conv2DBackwardFilter<S>, Conv2DBackwardData<S>>(),
  };
}

}  // namespace

extern const auto all = std::tuple{
    of_type<float>(),
    of_type<bfloat16>(),
    tensor<Conv2D<bfloat16>, Conv2DBackwardFilter<bfloat16>, Conv2DBackwardData<bfloat16>>(),
    of_ops<Convert<bfloat16, float>, Convert<float, bfloat16>>(),
    on_one_thread<BeginStep, AdamStepSize, CheckLoss, EndStep>(),
    static_cast<Launcher<AddPenalties>>(&run<ReducePolicy>),
};

}  // namespace ferlab::kernels
