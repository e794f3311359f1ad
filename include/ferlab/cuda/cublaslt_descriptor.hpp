// SPDX-License-Identifier: MIT
// cuBLASLt speaks of a product D = op(A) op(B) by descriptors: of the operation, of each matrix, and of what algorithms
// one would like. Source: docs.nvidia.com/cuda/cublas, "Using the cuBLASLt API".
#pragma once

#include <cublasLt.h>

#include <cstdint>
#include <memory>
#include <string>

#include "ferlab/core/error.hpp"

namespace ferlab::cuda {

/// Throws BackendError with cuBLASLt's own words where a call failed.
inline void check_cublaslt(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  std::string message = "cuBLASLt ";
  message += std::to_string(cublasLtGetVersion());
  message += ", ";
  message += what;
  message += ": ";
  message += cublasLtGetStatusString(status);
  if (status == CUBLAS_STATUS_ALLOC_FAILED) message += "; use a smaller batch size, or free memory on the device";
  if (status == CUBLAS_STATUS_NOT_INITIALIZED)
    message += "; the driver may be older than the CUDA toolkit this was built with, or the device's memory full";
  throw BackendError(message);
}

/// What cuBLASLt made, with what gives it back.
template <class Opaque, auto destroy>
class CublasLtOwner {
  struct Destroy {
    void operator()(Opaque* raw) const { destroy(raw); }
  };

 public:
  Opaque* raw() const { return raw_.get(); }

 protected:
  explicit CublasLtOwner(Opaque* raw) : raw_(raw) {}

 private:
  std::unique_ptr<Opaque, Destroy> raw_;
};

class CublasLtHandle : public CublasLtOwner<cublasLtContext, cublasLtDestroy> {
 public:
  CublasLtHandle() : CublasLtOwner(created()) {}

 private:
  static cublasLtHandle_t created() {
    cublasLtHandle_t made = nullptr;
    check_cublaslt(cublasLtCreate(&made), "starting");
    return made;
  }
};

/// A matrix in column-major order, without gaps.
class MatrixLayout : public CublasLtOwner<cublasLtMatrixLayoutOpaque_t, cublasLtMatrixLayoutDestroy> {
 public:
  MatrixLayout(cudaDataType_t type, int rows, int columns) : CublasLtOwner(created(type, rows, columns)) {}

 private:
  static cublasLtMatrixLayout_t created(cudaDataType_t type, int rows, int columns) {
    cublasLtMatrixLayout_t made = nullptr;
    check_cublaslt(cublasLtMatrixLayoutCreate(&made, type, std::uint64_t(rows), std::uint64_t(columns), rows),
                   "describing a matrix");
    return made;
  }
};

/// The operation: its attributes may change at any time. Alpha and beta are floats of the host.
class MatmulDescriptor : public CublasLtOwner<cublasLtMatmulDescOpaque_t, cublasLtMatmulDescDestroy> {
 public:
  MatmulDescriptor(cublasComputeType_t compute, cublasOperation_t of_a, cublasOperation_t of_b,
                   cublasLtEpilogue_t epilogue)
      : CublasLtOwner(created(compute)) {
    set(CUBLASLT_MATMUL_DESC_TRANSA, of_a);
    set(CUBLASLT_MATMUL_DESC_TRANSB, of_b);
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue);
  }
  /// `value` must have the size that cublasLt.h gives for the attribute.
  template <class Value>
  void set(cublasLtMatmulDescAttributes_t name, Value value) {
    check_cublaslt(cublasLtMatmulDescSetAttribute(raw(), name, &value, sizeof value), "setting an attribute");
  }

 private:
  static cublasLtMatmulDesc_t created(cublasComputeType_t compute) {
    cublasLtMatmulDesc_t made = nullptr;
    check_cublaslt(cublasLtMatmulDescCreate(&made, compute, CUDA_R_32F), "describing a product");
    return made;
  }
};

class MatmulPreference : public CublasLtOwner<cublasLtMatmulPreferenceOpaque_t, cublasLtMatmulPreferenceDestroy> {
 public:
  MatmulPreference() : CublasLtOwner(created()) {}
  /// `value` must have the size that cublasLt.h gives for the attribute.
  template <class Value>
  void set(cublasLtMatmulPreferenceAttributes_t name, Value value) {
    check_cublaslt(cublasLtMatmulPreferenceSetAttribute(raw(), name, &value, sizeof value), "setting a preference");
  }

 private:
  static cublasLtMatmulPreference_t created() {
    cublasLtMatmulPreference_t made = nullptr;
    check_cublaslt(cublasLtMatmulPreferenceCreate(&made), "making a preference");
    return made;
  }
};

}  // namespace ferlab::cuda
