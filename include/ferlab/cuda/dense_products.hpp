// SPDX-License-Identifier: MIT
// The products of dense layers by cuBLASLt: for every shape one algorithm, chosen when the shape first comes and kept.
// It is the one that cuBLASLt puts first of those that add up in the same order on every run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "ferlab/cuda/cublaslt_descriptor.hpp"
#include "ferlab/cuda/runtime.hpp"
#include "ferlab/ops/geometry.hpp"

namespace ferlab::cuda {

/// x: [batch][in], w: [in][units], y: [batch][units], bias: [units], all in device memory, aligned to 16 bytes, in the
/// type given at construction; sums in float. A shape's first call must not be recorded: it chooses, and the very first
/// allocates. Not thread-safe.
class DenseProducts {
 public:
  /// `type`: CUDA_R_16BF or CUDA_R_32F. `tensor_cores`: floats may be multiplied by 10 bits of their mantissa.
  DenseProducts(cudaStream_t stream, cudaDataType_t type, bool tensor_cores)
      : stream_(stream),
        type_(type),
        compute_(type == CUDA_R_32F && tensor_cores ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F) {}

  /// y = activation(x w + bias); bias may be nullptr.
  void forward(int batch, int in, int units, const void* x, const void* w, const void* bias, ops::Activation activation,
               void* y) {
    const Kind kind =
        activation == ops::Activation::relu ? (bias ? Kind::bias_relu : Kind::relu) : (bias ? Kind::bias : Kind::plain);
    run(kind, {batch, in, units}, w, x, bias, y);
  }
  /// dx = dy transposed(w)
  void backward_data(int batch, int in, int units, const void* dy, const void* w, void* dx) {
    run(Kind::data_gradient, {batch, in, units}, w, dy, nullptr, dx);
  }
  /// dw = transposed(x) dy
  void backward_filter(int batch, int in, int units, const void* x, const void* dy, void* dw) {
    run(Kind::filter_gradient, {batch, in, units}, dy, x, nullptr, dw);
  }

 private:
  enum class Kind { plain, bias, relu, bias_relu, data_gradient, filter_gradient };
  struct Shape {
    int batch, in, units;
  };
  struct Product {
    MatmulDescriptor operation;
    MatrixLayout a, b, d;
    cublasLtMatmulAlgo_t algorithm{};
  };

  static constexpr std::size_t workspace_bytes = std::size_t(32) << 20;  // what cuBLAS's guide advises for Hopper
  static constexpr std::size_t alignment = 16;

  void run(Kind kind, const Shape& shape, const void* a, const void* b, const void* bias, void* d) {
    const std::array key{int(kind), shape.batch, shape.in, shape.units};
    auto found = products_.find(key);
    if (found == products_.end()) found = products_.emplace(key, chosen(kind, shape)).first;
    Product& product = found->second;
    if (bias) product.operation.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
    const float one = 1, zero = 0;
    check_cublaslt(cublasLtMatmul(handle_->raw(), product.operation.raw(), &one, a, product.a.raw(), b, product.b.raw(),
                                  &zero, d, product.d.raw(), d, product.d.raw(), &product.algorithm, workspace_.data(),
                                  workspace_.size(), stream_),
                   "multiplying for a dense layer");
  }

  /// cuBLASLt counts by columns: to it each of our matrices is its transpose, and y = x w is transposed(y) =
  /// transposed(w) transposed(x). Then also bias lies along y's columns, as its epilogue wants.
  Product described(Kind kind, const Shape& shape) const {
    MatrixLayout x(type_, shape.in, shape.batch), w(type_, shape.units, shape.in), y(type_, shape.units, shape.batch);
    const auto operation = [&](cublasOperation_t of_a, cublasOperation_t of_b) {
      return MatmulDescriptor(compute_, of_a, of_b, epilogue_of(kind));
    };
    if (kind == Kind::data_gradient)
      return {operation(CUBLAS_OP_T, CUBLAS_OP_N), std::move(w), std::move(y), std::move(x)};
    if (kind == Kind::filter_gradient)
      return {operation(CUBLAS_OP_N, CUBLAS_OP_T), std::move(y), std::move(x), std::move(w)};
    return {operation(CUBLAS_OP_N, CUBLAS_OP_N), std::move(w), std::move(x), std::move(y)};
  }
  static cublasLtEpilogue_t epilogue_of(Kind kind) {
    return kind == Kind::bias        ? CUBLASLT_EPILOGUE_BIAS
           : kind == Kind::relu      ? CUBLASLT_EPILOGUE_RELU
           : kind == Kind::bias_relu ? CUBLASLT_EPILOGUE_RELU_BIAS
                                     : CUBLASLT_EPILOGUE_DEFAULT;
  }

  Product chosen(Kind kind, const Shape& shape) {
    if (workspace_.size() == 0) workspace_ = DeviceBuffer<std::byte>(workspace_bytes);
    if (!handle_) handle_.emplace();
    Product product = described(kind, shape);
    // Of this the heuristic looks at the alignment only, so it gets the least that a bias may have.
    if (kind == Kind::bias || kind == Kind::bias_relu)
      product.operation.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, static_cast<const void*>(workspace_.data() + alignment));
    MatmulPreference preference;
    preference.set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::uint64_t(workspace_bytes));
    preference.set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                   std::uint32_t(CUBLASLT_REDUCTION_SCHEME_NONE | CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
    for (const auto name : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                            CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
      preference.set(name, std::uint32_t(alignment));  // it counts on 256 where it is not told
    cublasLtMatmulHeuristicResult_t result{};
    int found = 0;
    cublasStatus_t status =
        cublasLtMatmulAlgoGetHeuristic(handle_->raw(), product.operation.raw(), product.a.raw(), product.b.raw(),
                                       product.d.raw(), product.d.raw(), preference.raw(), 1, &result, &found);
    if (status == CUBLAS_STATUS_SUCCESS) status = found == 0 ? CUBLAS_STATUS_NOT_SUPPORTED : result.state;
    const std::string what = "looking for a reproducible algorithm for a dense layer of batch " +
                             std::to_string(shape.batch) + ", in " + std::to_string(shape.in) + ", units " +
                             std::to_string(shape.units) + " in " + precision() +
                             " (where there is none, try another batch size or precision)";
    check_cublaslt(status, what.c_str());
    product.algorithm = result.algo;
    return product;
  }

  const char* precision() const {
    return type_ == CUDA_R_16BF ? "bfloat16" : compute_ == CUBLAS_COMPUTE_32F ? "float" : "TF32";
  }

  cudaStream_t stream_ = nullptr;
  cudaDataType_t type_ = CUDA_R_32F;
  cublasComputeType_t compute_ = CUBLAS_COMPUTE_32F;
  std::optional<CublasLtHandle> handle_;
  DeviceBuffer<std::byte> workspace_;
  std::map<std::array<int, 4>, Product> products_;
};

}  // namespace ferlab::cuda
