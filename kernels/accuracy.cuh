// SPDX-License-Identifier: MIT
// One block goes over all rows, a warp each at a time: there are few, and the loss usually counts for itself.
#pragma once

#include "kernels/accuracy.hpp"
#include "kernels/softmax_crossentropy.cuh"

namespace ferlab::kernels {

template <class Policy, class S>
__global__ void __launch_bounds__(Policy::threads) accuracy_kernel(Accuracy<S> op) {
  const int lane = int(threadIdx.x) % 32, warp = int(threadIdx.x) / 32;
  int hits = 0;
  for (std::ptrdiff_t row = warp; row < op.rows; row += Policy::threads / 32) {
    const RowMaximum best = row_maximum(op.outputs + row * op.classes, op.classes, lane);
    if (lane == 0) hits += best.place == int(op.labels[row]);
  }
  const double all = block_sum<Policy::threads>(double(hits));
  if (threadIdx.x == 0) *op.hits += all;
}

template <class Policy, class S>
void run(cudaStream_t stream, const Accuracy<S>& op) {
  launch(stream, accuracy_kernel<Policy, S>, 1, Policy::threads, 0, op);
}
template <class S>
void run(cudaStream_t stream, const Accuracy<S>& op) {
  run<SoftmaxPolicy>(stream, op);
}

}  // namespace ferlab::kernels
