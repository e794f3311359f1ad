// SPDX-License-Identifier: MIT
// A batch from the data set in device memory: images chosen by the epoch's order, from bytes to the numbers that the
// network reads. Reads a byte and writes an S per pixel.
#pragma once

#include "kernels/elementwise.cuh"
#include "kernels/fill_batch.hpp"

namespace ferlab::kernels {

template <class S>
__global__ void __launch_bounds__(elementwise_threads) fill_batch_kernel(FillBatch<S> op) {
  const DeviceImages& from = op.from;
  const PixelScale preprocess = op.preprocess;
  const std::ptrdiff_t position = std::ptrdiff_t(op.state->batch) * op.capacity + blockIdx.x;
  const std::ptrdiff_t image = from.order[position];
  const std::uint8_t* const pixels = from.pixels + image * from.size;
  S* const to = op.images + std::ptrdiff_t(blockIdx.x) * from.size;
  if (blockIdx.y == 0 && threadIdx.x == 0) op.labels[blockIdx.x] = from.labels[image];
  const int i = int(blockIdx.y * elementwise_threads + threadIdx.x) * 4;
  if (from.size % 4 == 0) {
    if (i < from.size)
      store(to + i,
            map([=](float pixel) { return pixel * preprocess.scale + preprocess.offset; }, load<4>(pixels + i)));
  } else {
    for (int k = i; k < i + 4 && k < from.size; ++k) to[k] = S(float(pixels[k]) * preprocess.scale + preprocess.offset);
  }
}

template <class S>
void run(cudaStream_t stream, const FillBatch<S>& op) {
  const unsigned across = unsigned((op.from.size + 4 * elementwise_threads - 1) / (4 * elementwise_threads));
  launch(stream, fill_batch_kernel<S>, dim3(unsigned(op.count), across), elementwise_threads, 0, op);
}

template <class S>
struct ScalePixelsElements {
  ScalePixels<S> op;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    const auto scale = [p = op.preprocess](float pixel) { return pixel * p.scale + p.offset; };
    store(op.images + i, map(scale, load<N>(op.pixels + i)));
  }
};

template <class S>
void run(cudaStream_t stream, const ScalePixels<S>& op) {
  elementwise<4>(stream, op.count, ScalePixelsElements<S>{op});
}

}  // namespace ferlab::kernels
