// SPDX-License-Identifier: MIT
// cuBLASLt by plain loops on the host. Descriptors are taken at their word, so a wrong size, leading dimension,
// transpose or type shows; what an algorithm was chosen for, alignment too, is what it must be called with.
#include <cublasLt.h>
#include "cuda_backend/stand_in.hpp"

#include <cstring>
#include <functional>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/bfloat16.hpp"

namespace ferlab::emulator {
extern std::vector<std::function<void()>>* recording;
}

namespace {

struct Layout {
  cudaDataType_t type;
  std::int64_t rows, columns, ld;  // column-major, as cublasLtMatrixLayoutCreate makes it
  bool operator==(const Layout&) const = default;
};

struct Operation {
  cublasComputeType_t compute;
  cudaDataType_t scale;
  cublasOperation_t of_a = CUBLAS_OP_N, of_b = CUBLAS_OP_N;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
};

struct Preference {
  std::uint64_t workspace = 0;
  std::uint32_t schemes = CUBLASLT_REDUCTION_SCHEME_MASK;
  std::uint32_t alignment[4] = {256, 256, 256, 256};  // of A, B, C, D
};

/// What is in a cublasLtMatmulAlgo_t.
struct Algorithm {
  int m, n, k, compute, of_a, of_b, epilogue;
  std::uint32_t bias_alignment, alignment[4];
};
static_assert(sizeof(Algorithm) <= sizeof(cublasLtMatmulAlgo_t));

constexpr std::size_t workspace_bytes = 4096;

std::uint32_t alignment_of(const void* pointer) {
  std::uint32_t n = 256;
  while (reinterpret_cast<std::uintptr_t>(pointer) % n != 0) n /= 2;
  return n;
}

Layout& layout(cublasLtMatrixLayout_t raw) { return *reinterpret_cast<Layout*>(raw); }
Operation& operation(cublasLtMatmulDesc_t raw) { return *reinterpret_cast<Operation*>(raw); }
Preference& preference(cublasLtMatmulPreference_t raw) { return *reinterpret_cast<Preference*>(raw); }

float get(cudaDataType_t type, const void* memory, std::int64_t i) {
  return type == CUDA_R_32F ? static_cast<const float*>(memory)[i]
                            : float(static_cast<const ferlab::bfloat16*>(memory)[i]);
}
float element(const Layout& of, const void* memory, std::int64_t row, std::int64_t column, cublasOperation_t op) {
  return get(of.type, memory, op == CUBLAS_OP_N ? row + column * of.ld : column + row * of.ld);
}

/// Throws where the matrices do not fit each other.
Algorithm described(const Operation& op, const Layout& a, const Layout& b, const Layout& c, const Layout& d) {
  const auto shape = [](const Layout& of, cublasOperation_t transform) {
    return transform == CUBLAS_OP_N ? std::pair(of.rows, of.columns) : std::pair(of.columns, of.rows);
  };
  const auto [m, k] = shape(a, op.of_a);
  const auto [k2, n] = shape(b, op.of_b);
  if (k != k2 || d.rows != m || d.columns != n || !(c == d)) throw std::logic_error("matrices that do not fit");
  for (const Layout& l : {a, b, d}) {
    if (l.ld < l.rows) throw std::logic_error("columns that overlap");
    if (l.type != a.type || (l.type != CUDA_R_32F && l.type != CUDA_R_16BF)) throw std::logic_error("mixed types");
  }
  if (op.scale != CUDA_R_32F ||
      (op.compute != CUBLAS_COMPUTE_32F && (op.compute != CUBLAS_COMPUTE_32F_FAST_TF32 || a.type != CUDA_R_32F)))
    throw std::logic_error("types that cuBLASLt does not multiply");
  return {int(m), int(n), int(k), int(op.compute), int(op.of_a), int(op.of_b), int(op.epilogue), alignment_of(op.bias),
          {}};
}

template <class Raw, class Value>
cublasStatus_t create(Raw* made, Value value) {
  *made = reinterpret_cast<Raw>(new Value(value));
  return CUBLAS_STATUS_SUCCESS;
}
template <class Value, class Raw>
cublasStatus_t destroy(Raw raw) {
  delete reinterpret_cast<Value*>(raw);
  return CUBLAS_STATUS_SUCCESS;
}
template <class Value>
cublasStatus_t set(Value& to, const void* from, std::size_t bytes) {
  if (bytes != sizeof to) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(&to, from, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace

extern "C" {

size_t cublasLtGetVersion(void) { return 130000; }
const char* cublasLtGetStatusString(cublasStatus_t status) {
  return status == CUBLAS_STATUS_NOT_SUPPORTED ? "the functionality requested is not supported"
                                               : "refused by the stand-in";
}
cublasStatus_t cublasLtCreate(cublasLtHandle_t* made) {
  if (ferlab::emulator::recording) return CUBLAS_STATUS_NOT_INITIALIZED;
  return create(made, char());
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) { return destroy<char>(handle); }

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* made, cudaDataType type, uint64_t rows,
                                          uint64_t columns, int64_t ld) {
  return create(made, Layout{type, std::int64_t(rows), std::int64_t(columns), ld});
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t raw) { return destroy<Layout>(raw); }

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* made, cublasComputeType_t compute, cudaDataType_t scale) {
  return create(made, Operation{compute, scale});
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t raw) { return destroy<Operation>(raw); }
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t raw, cublasLtMatmulDescAttributes_t name,
                                              const void* value, size_t bytes) {
  Operation& op = operation(raw);
  switch (name) {
    case CUBLASLT_MATMUL_DESC_TRANSA:
      return set(op.of_a, value, bytes);
    case CUBLASLT_MATMUL_DESC_TRANSB:
      return set(op.of_b, value, bytes);
    case CUBLASLT_MATMUL_DESC_EPILOGUE:
      return set(op.epilogue, value, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
      return set(op.bias, value, bytes);
    default:
      return CUBLAS_STATUS_NOT_SUPPORTED;
  }
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* made) { return create(made, Preference{}); }
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t raw) { return destroy<Preference>(raw); }
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t raw,
                                                    cublasLtMatmulPreferenceAttributes_t name, const void* value,
                                                    size_t bytes) {
  Preference& p = preference(raw);
  switch (name) {
    case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES:
      return set(p.workspace, value, bytes);
    case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK:
      return set(p.schemes, value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES:
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES:
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES:
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES:
      return set(p.alignment[name - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES], value, bytes);
    default:
      return CUBLAS_STATUS_NOT_SUPPORTED;
  }
}

/// One algorithm, which adds up in shares in the workspace: it must be let use both. Before it one that the device does
/// not run, as cuBLASLt's own results have a state of their own.
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t raw, cublasLtMatrixLayout_t a,
                                              cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c,
                                              cublasLtMatrixLayout_t d, cublasLtMatmulPreference_t preferred, int asked,
                                              cublasLtMatmulHeuristicResult_t results[], int* count) {
  if (ferlab::emulator::recording) throw std::logic_error("an algorithm is chosen while a step is recorded");
  const Preference& p = preference(preferred);
  if (p.schemes & ~unsigned(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE))
    throw std::logic_error("schemes of reduction whose sums may differ from run to run");
  ++stand_in::runtime().algorithms;
  *count = 0;
  if (!stand_in::runtime().products) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (!stand_in::runtime().fused_products && operation(raw).epilogue != CUBLASLT_EPILOGUE_DEFAULT)
    return CUBLAS_STATUS_SUCCESS;  // of no results
  if (p.workspace < workspace_bytes || p.schemes != CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE)
    return CUBLAS_STATUS_NOT_SUPPORTED;
  Algorithm algorithm = described(operation(raw), layout(a), layout(b), layout(c), layout(d));
  for (int i = 0; i < 4; ++i) algorithm.alignment[i] = p.alignment[i];
  results[0].state = CUBLAS_STATUS_ARCH_MISMATCH;
  *count = 1;
  if (asked < 2) return CUBLAS_STATUS_SUCCESS;
  std::memcpy(&results[1].algo, &algorithm, sizeof algorithm);
  results[1].workspaceSize = workspace_bytes;
  results[1].state = CUBLAS_STATUS_SUCCESS;
  *count = 2;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t raw, const void* alpha, const void* a,
                              cublasLtMatrixLayout_t a_layout, const void* b, cublasLtMatrixLayout_t b_layout,
                              const void* beta, const void* c, cublasLtMatrixLayout_t c_layout, void* d,
                              cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t* algo, void* workspace,
                              size_t size, cudaStream_t) {
  const Operation op = operation(raw);
  const Layout of_a = layout(a_layout), of_b = layout(b_layout), of_d = layout(d_layout);
  const Algorithm wanted = described(op, of_a, of_b, layout(c_layout), of_d);
  Algorithm algorithm;
  std::memcpy(&algorithm, algo, sizeof algorithm);
  const auto what = [](const Algorithm& x) { return std::tuple(x.m, x.n, x.k, x.compute, x.of_a, x.of_b, x.epilogue); };
  if (what(algorithm) != what(wanted)) throw std::logic_error("an algorithm that was chosen for another product");
  const void* const memory[] = {a, b, c, d};
  for (int i = 0; i < 4; ++i)
    if (alignment_of(memory[i]) < algorithm.alignment[i]) throw std::logic_error("memory aligned less than declared");
  const bool adds = op.epilogue & CUBLASLT_EPILOGUE_BIAS, cuts = op.epilogue & CUBLASLT_EPILOGUE_RELU;
  if (adds && (!op.bias || alignment_of(op.bias) < algorithm.bias_alignment))
    throw std::logic_error("no bias, or one aligned less than the one of the heuristic");
  if (*static_cast<const float*>(alpha) != 1 || *static_cast<const float*>(beta) != 0)
    throw std::logic_error("factors that the stand-in does not know");
  if (size < workspace_bytes || alignment_of(workspace) < 256) return CUBLAS_STATUS_INVALID_VALUE;

  const auto work = [=] {
    if (stand_in::runtime().library_calls) {
      const double m = wanted.m, n = wanted.n, k = wanted.k, each = of_d.type == CUDA_R_32F ? 4 : 2;
      stand_in::runtime().library_calls->push_back(
          {"cuBLASLt", (m * k + k * n + m * n + (adds ? m : 0)) * each, 2 * m * n * k});
    }
    if (!stand_in::runtime().computes) return;
    std::memset(workspace, 0xff, workspace_bytes);
    for (std::int64_t j = 0; j < of_d.columns; ++j)
      for (std::int64_t i = 0; i < of_d.rows; ++i) {
        float sum = 0;
        for (std::int64_t k = 0; k < wanted.k; ++k)
          sum += element(of_a, a, i, k, op.of_a) * element(of_b, b, k, j, op.of_b);
        if (adds) sum += get(of_d.type, op.bias, i);  // of D's type where no other is set
        if (cuts && !(sum > 0)) sum = 0;              // as on devices: NaN too
        if (of_d.type == CUDA_R_32F)
          static_cast<float*>(d)[i + j * of_d.ld] = sum;
        else
          static_cast<ferlab::bfloat16*>(d)[i + j * of_d.ld] = sum;
      }
  };
  if (ferlab::emulator::recording)
    ferlab::emulator::recording->push_back(work);
  else
    work();
  return CUBLAS_STATUS_SUCCESS;
}

}  // extern "C"
