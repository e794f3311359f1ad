// SPDX-License-Identifier: MIT
// The CUDA backend: a device, a stream on it, cuDNN and cuBLASLt. The ops stand beside this file, one a file.
#pragma once

#include <memory>
#include <string>
#include <type_traits>

#include "ferlab/cuda/convolutions.hpp"
#include "ferlab/cuda/dense_products.hpp"
#include "ferlab/cuda/runtime.hpp"
#include "ferlab/ops/rewrites.hpp"
#include "kernels/kernels.hpp"

namespace ferlab {

/// What stands between the layers, and what their products are made of. Weights, statistics, losses and the optimizer
/// are in float always.
enum class Precision {
  bf16,  ///< bfloat16, products summed in float
  tf32,  ///< float, whose products may be made from 10 bits of mantissa
  fp32   ///< float
};

/// What tunes a Cuda.
struct CudaOptions {
  int device = 0;  ///< CUDA's number of it
  /// A file that remembers which algorithm is the fastest for a convolution on this device. Those that it does not know
  /// are timed when they first come; without a file nothing is timed, and what cuDNN puts first is taken. By default
  /// the one that FERLAB_PLAN_CACHE names in the environment.
  std::string plan_cache = cuda::environment("FERLAB_PLAN_CACHE");
  /// May our own convolutions on tensor cores be used, in bfloat16? Timed beside cuDNN's plans where there is a
  /// plan_cache; without one they are taken wherever they can do a shape. No device has run them yet.
  bool own_convolutions = false;
  bool deterministic = true;  ///< false: also engines of cuDNN whose last bits differ from run to run
};

namespace cuda {

/// What the copies of one Cuda share.
class Device {
 public:
  Device(const CudaOptions& options, Precision precision) : Device(options, precision, chosen(options.device)) {}

  Stream stream;
  Convolutions convolutions;
  DenseProducts dense_products;

 private:
  Device(const CudaOptions& options, Precision precision, const cudaDeviceProp& device)
      : convolutions(stream.raw(),
                     {.type = precision == Precision::bf16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT,
                      .plans = {.deterministic = options.deterministic, .tensor_cores = precision != Precision::fp32},
                      .own = options.own_convolutions && precision == Precision::bf16,
                      .device = device.name},
                     PlanCache(options.plan_cache)),
        dense_products(stream.raw(), precision == Precision::bf16 ? CUDA_R_16BF : CUDA_R_32F,
                       precision != Precision::fp32) {
    if (precision == Precision::bf16 && device.major < 8)
      throw BackendError("Cuda: bfloat16 needs compute capability 8.0, " + std::string(device.name) + " has " +
                         std::to_string(device.major) + "." + std::to_string(device.minor) +
                         "; use Cuda<Precision::fp32>{}");
  }

  static cudaDeviceProp chosen(int number) {
    int count = 0;
    check(cudaGetDeviceCount(&count), "looking for devices");
    if (number < 0 || number >= count)
      throw BackendError("Cuda: expected a device below " + std::to_string(count) + ", got " + std::to_string(number));
    check(cudaSetDevice(number), "choosing a device");
    cudaDeviceProp device{};
    check(cudaGetDeviceProperties(&device, number), "asking for a device's properties");
    return device;
  }
};

}  // namespace cuda

/// Cuda{} computes in bfloat16 on device 0, Cuda<Precision::fp32>{{.device = 1}} in float on device 1. Precision is a
/// template argument since memory, planned when the program is compiled, follows it. Copies share the device's stream,
/// in which all of their work is done in order. One thread at a time may use it, one whose current device
/// (cudaSetDevice) is this one: making a Cuda makes its device current.
template <Precision P = Precision::bf16>
class Cuda {
 public:
  static constexpr Precision precision = P;
  template <class T>
  using Buffer = cuda::DeviceBuffer<T>;
  template <class T>
  using HostBuffer = cuda::PinnedBuffer<T>;
  template <class T>
  using Element = std::conditional_t<P == Precision::bf16, bfloat16, T>;
  static constexpr bool in_host_memory = false;
  static constexpr auto rewrites = ops::rewrites::all;

  /// Throws BackendError where there is no such device, it is too old for the precision, or its driver is too old;
  /// IoError where the plan_cache cannot be written to.
  explicit Cuda(const CudaOptions& options = {}) : device_(std::make_shared<cuda::Device>(options, P)) {}

  cudaStream_t stream() const { return device_->stream.raw(); }
  void synchronize() const { device_->stream.synchronize(); }
  cuda::Convolutions& convolutions() const { return device_->convolutions; }
  cuda::DenseProducts& dense_products() const { return device_->dense_products; }

 private:
  std::shared_ptr<cuda::Device> device_;
};
Cuda()->Cuda<>;
Cuda(CudaOptions)->Cuda<>;

}  // namespace ferlab
