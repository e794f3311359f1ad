// SPDX-License-Identifier: MIT
// Every op of include/ferlab/ops, and whether a backend runs it.
#pragma once

#include "ferlab/ops/accuracy.hpp"
#include "ferlab/ops/adam.hpp"
#include "ferlab/ops/add.hpp"
#include "ferlab/ops/average_pool.hpp"
#include "ferlab/ops/batch_norm.hpp"
#include "ferlab/ops/batch_norm_max_pool_dropout.hpp"
#include "ferlab/ops/bias.hpp"
#include "ferlab/ops/conv2d.hpp"
#include "ferlab/ops/conv2d_fused.hpp"
#include "ferlab/ops/crossentropy.hpp"
#include "ferlab/ops/dense.hpp"
#include "ferlab/ops/dense_dropout.hpp"
#include "ferlab/ops/dropout.hpp"
#include "ferlab/ops/global_average_pool.hpp"
#include "ferlab/ops/max_pool.hpp"
#include "ferlab/ops/memory.hpp"
#include "ferlab/ops/penalties.hpp"
#include "ferlab/ops/relu.hpp"
#include "ferlab/ops/sgd.hpp"
#include "ferlab/ops/softmax.hpp"
#include "ferlab/ops/step.hpp"

namespace op_test {

namespace ops = ferlab::ops;

using AllOps = ops::OpTypes<
    ops::Accuracy, ops::Adam, ops::AdamStepSize, ops::Add, ops::Copy, ops::Accumulate, ops::AveragePool,
    ops::AveragePoolBackward, ops::BatchStatistics, ops::BatchNorm, ops::BatchNormInference, ops::BatchNormBackward,
    ops::BatchNormMaxPoolDropout, ops::BatchNormMaxPoolDropoutBackward, ops::BatchNormMaxPoolInference,
    ops::BiasBackward, ops::ReLUBiasBackward, ops::Conv2D, ops::Conv2DBackwardFilter, ops::Conv2DBackwardData,
    ops::Conv2DStatistics, ops::Conv2DBackwardDataReLUBias, ops::Crossentropy, ops::SoftmaxCrossentropy, ops::Dense,
    ops::DenseBackwardFilter, ops::DenseBackwardData, ops::DenseDropout, ops::DropoutReLUBiasBackward, ops::Dropout,
    ops::DropoutBackward, ops::GlobalAveragePool, ops::GlobalAveragePoolBackward, ops::MaxPool, ops::MaxPoolBackward,
    ops::AddPenalties, ops::ClipByGlobalNorm, ops::ReLU, ops::ReLUBackward, ops::SGD, ops::Softmax,
    ops::SoftmaxBackward, ops::BeginStep, ops::CheckLoss, ops::SeedGradient, ops::EndStep>;

template <class B, class T, class Op>
constexpr bool runs() {
  using Memory = ops::Memory<T, typename B::template Element<T>>;
  static_assert(ops::HasOp<B, Op, Memory>, "this backend lacks this op");
  if constexpr (requires(const Op& op) { packed_size(static_cast<const B*>(nullptr), op); })
    static_assert(ops::HasOp<B, ops::PackWeights<Op>, Memory>, "this backend packs weights and has no run() for it");
  return true;
}
template <class B, class T, class... Ops>
constexpr bool all_run(ops::OpTypes<Ops...>) {
  return (runs<B, T, Ops>() && ...);
}

}  // namespace op_test
