// SPDX-License-Identifier: MIT
// The CUDA backend: a device, a stream on it, and cuDNN. The ops stand beside this file, one a file.
#pragma once

#include <memory>
#include <string>
#include <type_traits>

#include "ferlab/core/backend.hpp"
#include "ferlab/cuda/convolutions.hpp"
#include "ferlab/cuda/runtime.hpp"
#include "kernels/kernels.hpp"

namespace ferlab {

/// What stands between the layers, and what their products are made of. Weights, statistics, losses and the optimizer
/// are in float always.
enum class Precision {
  bf16,  ///< bfloat16, products summed in float
  tf32,  ///< float, whose products may be made from 10 bits of mantissa
  fp32   ///< float
};

namespace cuda {

/// What the copies of one Cuda share.
struct Device {
  Stream stream;
  Convolutions convolutions;

  Device(int number, cudnnDataType_t type, bool tensor_cores) : Device(checked(number)) {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, number), "asking for a device's name");
    convolutions = Convolutions(stream.raw(), type, tensor_cores, PlanCache::from_environment(), properties.name);
  }

 private:
  struct Chosen {};
  explicit Device(Chosen) {}

  static Chosen checked(int number) {
    int count = 0;
    check(cudaGetDeviceCount(&count), "looking for devices");
    if (number < 0 || number >= count)
      throw BackendError("Cuda: expected a device below " + std::to_string(count) + ", got " + std::to_string(number));
    check(cudaSetDevice(number), "choosing a device");
    return {};
  }
};

}  // namespace cuda

/// Cuda{} computes in bfloat16 on device 0, Cuda<Precision::fp32>{1} in float on device 1. Precision is a template
/// argument since memory, planned when the program is compiled, follows it. Copies share the device's stream, in which
/// all of their work is done in order. One thread at a time may use it.
template <Precision P = Precision::bf16>
class Cuda {
 public:
  static constexpr Precision precision = P;
  template <class T>
  using Buffer = cuda::DeviceBuffer<T>;
  template <class T>
  using HostBuffer = cuda::PinnedBuffer<T>;
  template <class T>
  using Value = std::conditional_t<P == Precision::bf16, bfloat16, T>;
  static constexpr bool in_host_memory = false;
  static constexpr bool fuses_common_runs = true;

  /// Throws BackendError where there is no such device, or its driver is too old.
  explicit Cuda(int device = 0)
      : device_(std::make_shared<cuda::Device>(device, P == Precision::bf16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT,
                                               P != Precision::fp32)) {}

  cudaStream_t stream() const { return device_->stream.raw(); }
  void synchronize() const { device_->stream.synchronize(); }
  cuda::Convolutions& convolutions() const { return device_->convolutions; }

 private:
  std::shared_ptr<cuda::Device> device_;
};
Cuda()->Cuda<>;
Cuda(int)->Cuda<>;

}  // namespace ferlab
