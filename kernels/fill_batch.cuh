// SPDX-License-Identifier: MIT
// A batch from the data set in device memory: images chosen by the epoch's order, from bytes to the numbers that the
// network reads. Reads a byte and writes an S a pixel.
#pragma once

#include "kernels/elementwise.cuh"
#include "kernels/step_state.cuh"
#include "kernels/types.hpp"

namespace ferlab::kernels {

template <class S>
__global__ void __launch_bounds__(elementwise_threads)
    fill_batch_kernel(DeviceImages from, const StepState* state, int capacity, PixelScale preprocess, S* images,
                      std::uint8_t* labels) {
  const std::ptrdiff_t position = std::ptrdiff_t(state->batch) * capacity + blockIdx.x;
  const std::ptrdiff_t image = from.order[position];
  const std::uint8_t* const pixels = from.pixels + image * from.size;
  S* const to = images + std::ptrdiff_t(blockIdx.x) * from.size;
  if (blockIdx.y == 0 && threadIdx.x == 0) labels[blockIdx.x] = from.labels[image];
  const int i = int(blockIdx.y * elementwise_threads + threadIdx.x) * 4;
  if (from.size % 4 == 0) {
    if (i < from.size)
      store(to + i,
            map([=](float pixel) { return pixel * preprocess.scale + preprocess.offset; }, load<4>(pixels + i)));
  } else {
    for (int k = i; k < i + 4 && k < from.size; ++k) to[k] = S(float(pixels[k]) * preprocess.scale + preprocess.offset);
  }
}

/// The `count` images from position batch * capacity of the order on, and their labels.
template <class S>
void fill_batch(cudaStream_t stream, const DeviceImages& from, const StepState* state, int capacity, int count,
                const PixelScale& preprocess, S* images, std::uint8_t* labels) {
  const unsigned across = unsigned((from.size + 4 * elementwise_threads - 1) / (4 * elementwise_threads));
  launch(stream, fill_batch_kernel<S>, dim3(unsigned(count), across), elementwise_threads, 0, from, state, capacity,
         preprocess, images, labels);
}

template <class S>
struct ScalePixels {
  const std::uint8_t* pixels;
  PixelScale preprocess;
  S* images;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    store(images + i, map([p = preprocess](float pixel) { return pixel * p.scale + p.offset; }, load<N>(pixels + i)));
  }
};

/// images = pixels, preprocessed; n of them.
template <class S>
void scale_pixels(cudaStream_t stream, std::ptrdiff_t n, const std::uint8_t* pixels, const PixelScale& preprocess,
                  S* images) {
  elementwise<4>(stream, n, ScalePixels<S>{pixels, preprocess, images});
}

}  // namespace ferlab::kernels
