// SPDX-License-Identifier: MIT
// Copies within device memory, and from and to the host. Those from and to the host are waited for, but for those to
// and from a HostBuffer.
#pragma once

#include <span>
#include <vector>

#include "ferlab/cuda/context.hpp"
#include "ferlab/data/preprocessing.hpp"
#include "ferlab/layers/parameter.hpp"

namespace ferlab {

template <Precision P, class T>
void copy(const Cuda<P>& backend, std::ptrdiff_t n, const T* x, T* y) {
  if (x != y && n > 0)
    cuda::check(cudaMemcpyAsync(y, x, std::size_t(n) * sizeof(T), cudaMemcpyDeviceToDevice, backend.stream()),
                "copying on the device");
}

/// y = x in another type.
template <Precision P, class From, class To>
void convert(const Cuda<P>& backend, std::ptrdiff_t n, const From* x, To* y) {
  kernels::run(backend.stream(), kernels::Convert<From, To>{.count = n, .x = x, .y = y});
}

namespace cuda {

/// Copies n elements over the border to the host, and waits until they are there.
template <Precision P, class T>
void transfer(const Cuda<P>& backend, std::ptrdiff_t n, const T* from, T* to, cudaMemcpyKind kind, const char* what) {
  if (n == 0) return;
  check(cudaMemcpyAsync(to, from, std::size_t(n) * sizeof(T), kind, backend.stream()), what);
  backend.synchronize();
}

}  // namespace cuda

template <Precision P, class T>
void copy_to_host(const Cuda<P>& backend, std::ptrdiff_t n, const T* x, T* host) {
  cuda::transfer(backend, n, x, host, cudaMemcpyDeviceToHost, "copying to the host");
}
template <Precision P, class T>
void copy_from_host(const Cuda<P>& backend, std::ptrdiff_t n, const T* host, T* x) {
  cuda::transfer(backend, n, host, x, cudaMemcpyHostToDevice, "copying from the host");
}

namespace cuda {

/// Is this a convolution's kernel that cuDNN reads: the last dimension first in device memory?
inline bool is_transposed(const Parameter& shape) { return shape.of_convolution && uses_cudnn(shape.dims[2]); }

/// to [columns][rows] = from [rows][columns]
template <class T>
void transpose(std::size_t rows, std::size_t columns, const T* from, T* to) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
}

}  // namespace cuda

template <Precision P, class T>
void weights_to_host(const Cuda<P>& backend, const Parameter& shape, const T* weights, T* host) {
  const auto n = std::ptrdiff_t(shape.size());
  if (!cuda::is_transposed(shape)) return copy_to_host(backend, n, weights, host);
  std::vector<T> transposed(shape.size());
  copy_to_host(backend, n, weights, transposed.data());
  const auto last = std::size_t(shape.dims[std::size_t(shape.rank - 1)]);
  cuda::transpose(last, shape.size() / last, transposed.data(), host);
}
template <Precision P, class T>
void weights_from_host(const Cuda<P>& backend, const Parameter& shape, const T* host, T* weights) {
  const auto n = std::ptrdiff_t(shape.size());
  if (!cuda::is_transposed(shape)) return copy_from_host(backend, n, host, weights);
  std::vector<T> transposed(shape.size());
  const auto last = std::size_t(shape.dims[std::size_t(shape.rank - 1)]);
  cuda::transpose(shape.size() / last, last, host, transposed.data());
  copy_from_host(backend, n, transposed.data(), weights);
}

/// Copies n elements to a HostBuffer; they are there once the backend has been waited for.
template <Precision P, class T>
void copy_to_host_buffer(const Cuda<P>& backend, std::ptrdiff_t n, const T* x, T* host) {
  cuda::check(cudaMemcpyAsync(host, x, std::size_t(n) * sizeof(T), cudaMemcpyDeviceToHost, backend.stream()),
              "copying to the host");
}

/// Bytes of staging that load_pixels needs.
template <Precision P>
constexpr std::size_t pixel_staging_size(const Cuda<P>*, std::size_t pixels) {
  return pixels;
}
/// images = the pixels in a HostBuffer, preprocessed.
template <Precision P, class V>
void load_pixels(const Cuda<P>& backend, std::span<const std::uint8_t> pixels, const data::Preprocessing& preprocessing,
                 std::uint8_t* staging, V* images) {
  cuda::check(cudaMemcpyAsync(staging, pixels.data(), pixels.size(), cudaMemcpyHostToDevice, backend.stream()),
              "copying pixels from the host");
  kernels::run(backend.stream(), kernels::ScalePixels<V>{.count = std::ptrdiff_t(pixels.size()),
                                                         .pixels = staging,
                                                         .preprocess = {preprocessing.scale, preprocessing.offset},
                                                         .images = images});
}

}  // namespace ferlab
