// SPDX-License-Identifier: MIT
// A dense layer's product as cuBLASLt does it, by one of those algorithms that add up in the same order on every run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ferlab/cuda/cublaslt_descriptor.hpp"
#include "ferlab/cuda/dense_product.hpp"

namespace ferlab::cuda {

/// Of operands and results; products are summed in float.
struct ProductType {
  cudaDataType_t stored = CUDA_R_32F;  ///< CUDA_R_16BF or CUDA_R_32F
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
};

struct ProductWorkspace {
  void* data;
  std::size_t bytes;
};

class CublasLtProduct {
 public:
  static constexpr std::size_t alignment = 16;  ///< of all memory

  /// With the first of cuBLASLt's recommendations that it can run; none where there is none. Whoever passes memory to
  /// run passes a workspace of as many bytes as here.
  static std::optional<CublasLtProduct> best(cublasLtHandle_t handle, const DenseProduct& product,
                                             const ProductType& type, const ProductWorkspace& workspace) {
    CublasLtProduct made(product, type);
    // Of this the heuristic looks at the alignment only, so it gets the least that a bias may have.
    if (product.has_bias())
      made.operation_.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER,
                          static_cast<const void*>(static_cast<const std::byte*>(workspace.data) + alignment));
    MatmulPreference preference;
    preference.set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::uint64_t(workspace.bytes));
    preference.set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                   std::uint32_t(CUBLASLT_REDUCTION_SCHEME_NONE | CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
    for (const auto name : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                            CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
      preference.set(name, std::uint32_t(alignment));  // it counts on 256 where it is not told

    std::array<cublasLtMatmulHeuristicResult_t, 8> results{};
    int found = 0;
    const cublasStatus_t status =
        cublasLtMatmulAlgoGetHeuristic(handle, made.operation_.raw(), made.a_.raw(), made.b_.raw(), made.d_.raw(),
                                       made.d_.raw(), preference.raw(), int(results.size()), results.data(), &found);
    if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE) return std::nullopt;
    check_cublaslt(status, "looking for a dense layer's algorithm");
    for (const auto& result : std::span(results).first(std::size_t(found)))
      if (result.state == CUBLAS_STATUS_SUCCESS && result.workspaceSize <= workspace.bytes) {
        made.algorithm_ = result.algo;
        return made;
      }
    return std::nullopt;
  }

  void run(cublasLtHandle_t handle, const DenseMemory& m, const ProductWorkspace& workspace, cudaStream_t stream) {
    using Kind = DenseProduct::Kind;
    const void* const a = kind_ == Kind::filter_gradient ? m.y : m.w;
    const void* const b = kind_ == Kind::data_gradient ? m.y : m.x;
    void* const d = const_cast<void*>(kind_ == Kind::data_gradient ? m.x : kind_ == Kind::filter_gradient ? m.w : m.y);
    if (m.bias) operation_.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, m.bias);
    const float one = 1, zero = 0;
    check_cublaslt(cublasLtMatmul(handle, operation_.raw(), &one, a, a_.raw(), b, b_.raw(), &zero, d, d_.raw(), d,
                                  d_.raw(), &algorithm_, workspace.data, workspace.bytes, stream),
                   "multiplying for a dense layer");
  }

 private:
  DenseProduct::Kind kind_;
  MatmulDescriptor operation_;
  MatrixLayout a_, b_, d_;
  cublasLtMatmulAlgo_t algorithm_{};

  /// cuBLASLt counts by columns: to it each of our matrices is its transpose, and y = x w is transposed(y) =
  /// transposed(w) transposed(x). Then also bias lies along y's columns, as its epilogue wants.
  CublasLtProduct(const DenseProduct& p, const ProductType& type)
      : kind_(p.kind),
        operation_(type.compute, p.kind == DenseProduct::Kind::data_gradient ? CUBLAS_OP_T : CUBLAS_OP_N,
                   p.kind == DenseProduct::Kind::filter_gradient ? CUBLAS_OP_T : CUBLAS_OP_N, epilogue_of(p)),
        a_(p.kind == DenseProduct::Kind::filter_gradient ? y_of(p, type) : w_of(p, type)),
        b_(p.kind == DenseProduct::Kind::data_gradient ? y_of(p, type) : x_of(p, type)),
        d_(p.kind == DenseProduct::Kind::data_gradient     ? x_of(p, type)
           : p.kind == DenseProduct::Kind::filter_gradient ? w_of(p, type)
                                                           : y_of(p, type)) {}
  static MatrixLayout x_of(const DenseProduct& p, const ProductType& type) { return {type.stored, p.in, p.batch}; }
  static MatrixLayout w_of(const DenseProduct& p, const ProductType& type) { return {type.stored, p.units, p.in}; }
  static MatrixLayout y_of(const DenseProduct& p, const ProductType& type) { return {type.stored, p.units, p.batch}; }

  static cublasLtEpilogue_t epilogue_of(const DenseProduct& p) {
    return p.has_bias()   ? (p.has_relu() ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS)
           : p.has_relu() ? CUBLASLT_EPILOGUE_RELU
                          : CUBLASLT_EPILOGUE_DEFAULT;
  }
};

}  // namespace ferlab::cuda
