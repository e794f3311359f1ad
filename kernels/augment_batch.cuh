// SPDX-License-Identifier: MIT
// A batch from the data set in device memory, each image turned, shifted, zoomed, mirrored and erased at random, as
// ferlab/data/augmentation.hpp says. Reads a byte (from nearby: neighbours share them in the cache) and writes an S per
// pixel; what an image undergoes is drawn once per block.
#pragma once

#include "kernels/augment_batch.hpp"
#include "kernels/elementwise.cuh"

namespace ferlab::kernels {

template <class S>
__global__ void __launch_bounds__(elementwise_threads) augment_batch_kernel(AugmentBatch<S> op) {
  const DeviceImages& from = op.from;
  const data::Augmenter& augmenter = op.augmenter;
  FERLAB_SHARED(data::Augmenter::Change, drawn, 1);
  const std::ptrdiff_t position = std::ptrdiff_t(op.state->batch) * op.capacity + blockIdx.x;
  const std::ptrdiff_t image = from.order[position];
  if (threadIdx.x == 0) {
    drawn[0] = augmenter.draw(op.state->seed, op.state->step, int(op.state->first_sample + blockIdx.x));
    if (blockIdx.y == 0) op.labels[blockIdx.x] = from.labels[image];
  }
  __syncthreads();
  const int i = int(blockIdx.y * elementwise_threads + threadIdx.x);
  if (i >= from.size) return;
  const data::Augmenter::Change change = drawn[0];
  const int channels = augmenter.channels(), width = augmenter.width();
  const int c = i % channels, x = i / channels % width, y = i / channels / width;
  const float value = augmenter.is_erased(change, y, x)
                          ? 0.0f
                          : augmenter.pixel(from.pixels + image * from.size, change, y, x, c) * op.preprocess.scale +
                                op.preprocess.offset;
  op.images[std::ptrdiff_t(blockIdx.x) * from.size + i] = S(value);
}

template <class S>
void run(cudaStream_t stream, const AugmentBatch<S>& op) {
  const unsigned across = unsigned((op.from.size + elementwise_threads - 1) / elementwise_threads);
  launch(stream, augment_batch_kernel<S>, dim3(unsigned(op.count), across), elementwise_threads, 0, op);
}

}  // namespace ferlab::kernels
