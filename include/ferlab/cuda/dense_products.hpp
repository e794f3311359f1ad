// SPDX-License-Identifier: MIT
// The products of dense layers: for every shape one algorithm, chosen when the shape first comes and kept. It is
// cuBLASLt's with bias and ReLU in one; where it has none, the product alone, then our kernel for those; where it has
// none for that either, our direct convolution. All add up in the same order on every run.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "ferlab/cuda/cublaslt_product.hpp"
#include "ferlab/cuda/runtime.hpp"
#include "ferlab/cuda/typed_memory.hpp"
#include "ferlab/ops/geometry.hpp"
#include "kernels/kernels.hpp"

namespace ferlab::cuda {

/// x: [batch][in], w: [in][units], y: [batch][units], bias: [units], all in device memory, aligned to 16 bytes, in the
/// type given at construction; sums in float. A shape's first call must not be recorded: it chooses, and the very first
/// allocates. Not thread-safe.
class DenseProducts {
 public:
  /// `type`: CUDA_R_16BF or CUDA_R_32F. `tensor_cores`: floats may be multiplied by 10 bits of their mantissa.
  DenseProducts(cudaStream_t stream, cudaDataType_t type, bool tensor_cores)
      : stream_(stream),
        type_{type, type == CUDA_R_32F && tensor_cores ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F} {}

  DenseProducts(const DenseProducts&) = delete;
  DenseProducts& operator=(const DenseProducts&) = delete;

  /// y = activation(x w + bias); bias may be nullptr.
  void forward(int batch, int in, int units, const void* x, const void* w, const void* bias, ops::Activation activation,
               void* y) {
    const Kind kind =
        activation == ops::Activation::relu ? (bias ? Kind::bias_relu : Kind::relu) : (bias ? Kind::bias : Kind::plain);
    run({kind, batch, in, units}, {x, w, y, bias});
  }
  /// dx = dy transposed(w)
  void backward_data(int batch, int in, int units, const void* dy, const void* w, void* dx) {
    run({Kind::data_gradient, batch, in, units}, {dx, w, dy});
  }
  /// dw = transposed(x) dy
  void backward_filter(int batch, int in, int units, const void* x, const void* dy, void* dw) {
    run({Kind::filter_gradient, batch, in, units}, {x, dw, dy});
  }

 private:
  using Kind = DenseProduct::Kind;
  using Algorithm = std::function<void(const DenseMemory&)>;

  static constexpr std::size_t workspace_bytes = std::size_t(32) << 20;  // what cuBLAS's guide advises for Hopper

  void run(const DenseProduct& product, const DenseMemory& memory) {
    auto found = algorithms_.find(product);
    if (found == algorithms_.end()) found = algorithms_.emplace(product, chosen(product)).first;
    found->second(memory);
  }

  Algorithm chosen(const DenseProduct& product) {
    if (workspace_.size() == 0) workspace_ = DeviceBuffer<std::byte>(workspace_bytes);
    if (!handle_) handle_.emplace();
    if (Algorithm whole = by_cublaslt(product)) return whole;
    if (product.has_bias() || product.has_relu())
      if (Algorithm plain = by_cublaslt({Kind::plain, product.batch, product.in, product.units}))
        return then_bias_and_relu(product, plain);
    return direct(product);
  }

  /// Empty where cuBLASLt has nothing for it.
  Algorithm by_cublaslt(const DenseProduct& product) {
    std::optional<CublasLtProduct> made = CublasLtProduct::best(handle_->raw(), product, type_, workspace());
    if (!made) return {};
    return [this, shared = std::make_shared<CublasLtProduct>(std::move(*made))](const DenseMemory& m) {
      shared->run(handle_->raw(), m, workspace(), stream_);
    };
  }

  Algorithm then_bias_and_relu(const DenseProduct& p, const Algorithm& plain) const {
    return [this, p, plain](const DenseMemory& m) {
      plain({m.x, m.w, m.y});
      detail::with_element(is_float(), [&]<class V>(V*) {
        V* const y = detail::write<V>(m.y);
        if (p.has_bias())
          kernels::run(stream_, kernels::BiasAdd<V>{.rows = p.batch,
                                                    .channels = p.units,
                                                    .x = y,
                                                    .bias = detail::read<V>(m.bias),
                                                    .activation = activation_of(p),
                                                    .y = y});
        else
          kernels::run(stream_, kernels::ReLU<V>{.count = std::ptrdiff_t(p.batch) * p.units, .x = y, .y = y});
      });
    };
  }

  /// As a convolution of images of one pixel.
  Algorithm direct(const DenseProduct& p) const {
    const ops::Conv2DGeometry g{.batch = p.batch,
                                .height = 1,
                                .width = 1,
                                .channels = p.in,
                                .out_height = 1,
                                .out_width = 1,
                                .filters = p.units,
                                .kernel = 1,
                                .stride = 1,
                                .pad_top = 0,
                                .pad_left = 0};
    const std::size_t floats = p.kind == Kind::filter_gradient ? kernels::conv2d_direct_scratch_size(p.units) : 0;
    return [this, p, g, scratch = std::make_shared<DeviceBuffer<float>>(floats)](const DenseMemory& m) {
      detail::with_element(is_float(), [&]<class V>(V*) {
        using detail::read, detail::write;
        if (p.kind == Kind::data_gradient)
          kernels::conv2d_direct(stream_,
                                 kernels::Conv2DBackwardData<V>{
                                     .geometry = g, .dy = read<V>(m.y), .kernel = read<V>(m.w), .dx = write<V>(m.x)});
        else if (p.kind == Kind::filter_gradient)
          kernels::conv2d_direct(stream_, kernels::Conv2DBackwardFilter<V>{.geometry = g,
                                                                           .x = read<V>(m.x),
                                                                           .dy = read<V>(m.y),
                                                                           .dkernel = write<V>(m.w),
                                                                           .scratch = scratch->data()});
        else
          kernels::conv2d_direct(stream_, kernels::Conv2D<V>{.geometry = g,
                                                             .x = read<V>(m.x),
                                                             .kernel = read<V>(m.w),
                                                             .bias = read<V>(m.bias),
                                                             .activation = activation_of(p),
                                                             .y = write<V>(m.y)});
      });
    };
  }

  static ops::Activation activation_of(const DenseProduct& p) {
    return p.has_relu() ? ops::Activation::relu : ops::Activation::none;
  }
  bool is_float() const { return type_.stored == CUDA_R_32F; }
  ProductWorkspace workspace() { return {workspace_.data(), workspace_.size()}; }

  cudaStream_t stream_ = nullptr;
  ProductType type_;
  std::optional<CublasLtHandle> handle_;
  DeviceBuffer<std::byte> workspace_;
  std::map<DenseProduct, Algorithm> algorithms_;
};

}  // namespace ferlab::cuda
