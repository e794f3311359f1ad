// SPDX-License-Identifier: MIT
// A batch from the data set in device memory, each image turned, shifted, zoomed, mirrored and erased at random, as
// ferlab/data/augmentation.hpp says. Reads a byte (from nearby: neighbours share them in the cache) and writes an S a
// pixel; what an image undergoes is drawn once a block.
#pragma once

#include "ferlab/core/step_state.hpp"
#include "ferlab/data/augmentation.hpp"
#include "kernels/elementwise.cuh"
#include "kernels/types.hpp"

namespace ferlab::kernels {

template <class S>
__global__ void __launch_bounds__(elementwise_threads)
    augment_batch_kernel(DeviceImages from, const StepState* state, int capacity, PixelScale preprocess,
                         data::Augmenter augmenter, S* images, std::uint8_t* labels) {
  FERLAB_SHARED(data::Augmenter::Change, drawn, 1);
  const std::ptrdiff_t position = std::ptrdiff_t(state->batch) * capacity + blockIdx.x;
  const std::ptrdiff_t image = from.order[position];
  if (threadIdx.x == 0) {
    drawn[0] = augmenter.draw(state->seed, state->step, int(blockIdx.x));
    if (blockIdx.y == 0) labels[blockIdx.x] = from.labels[image];
  }
  __syncthreads();
  const int i = int(blockIdx.y * elementwise_threads + threadIdx.x);
  if (i >= from.size) return;
  const data::Augmenter::Change change = drawn[0];
  const int channels = augmenter.channels(), width = augmenter.width();
  const int c = i % channels, x = i / channels % width, y = i / channels / width;
  const float value =
      augmenter.is_erased(change, y, x)
          ? 0.0f
          : augmenter.pixel(from.pixels + image * from.size, change, y, x, c) * preprocess.scale + preprocess.offset;
  images[std::ptrdiff_t(blockIdx.x) * from.size + i] = S(value);
}

/// The `count` images from position batch * capacity of the order on, changed, and their labels.
template <class S>
void augment_batch(cudaStream_t stream, const DeviceImages& from, const StepState* state, int capacity, int count,
                   const PixelScale& preprocess, const data::Augmenter& augmenter, S* images, std::uint8_t* labels) {
  const unsigned across = unsigned((from.size + elementwise_threads - 1) / elementwise_threads);
  launch(stream, augment_batch_kernel<S>, dim3(unsigned(count), across), elementwise_threads, 0, from, state, capacity,
         preprocess, augmenter, images, labels);
}

}  // namespace ferlab::kernels
