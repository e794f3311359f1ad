// SPDX-License-Identifier: MIT
// Includes the file FERLAB_SIMD_FILE once for each instruction set, with
//   FERLAB_SIMD_NAMESPACE  where its kernels go
//   FERLAB_SIMD_BYTES      bytes of a vector
//   FERLAB_SIMD_TARGET     the attribute that lets the compiler use the instructions
//   FERLAB_UNROLL          before a loop of up to 10 rounds: unroll it whole, at any optimisation level above 0
// The attribute stands on every function that computes: g++ splits vectors wider than a function's instructions before it
// inlines, and lambdas do not inherit it. No include guard.

#if defined(__clang__)
#define FERLAB_UNROLL _Pragma("clang loop unroll(full)")
#else
#define FERLAB_UNROLL _Pragma("GCC unroll 10")
#endif

#define FERLAB_SIMD_NAMESPACE portable
#define FERLAB_SIMD_BYTES 16
#define FERLAB_SIMD_TARGET
#include FERLAB_SIMD_FILE
#undef FERLAB_SIMD_NAMESPACE
#undef FERLAB_SIMD_BYTES
#undef FERLAB_SIMD_TARGET

#if defined(__x86_64__) && defined(__GNUC__)
#define FERLAB_SIMD_NAMESPACE avx2
#define FERLAB_SIMD_BYTES 32
#define FERLAB_SIMD_TARGET __attribute__((target("avx2,fma")))
#include FERLAB_SIMD_FILE
#undef FERLAB_SIMD_NAMESPACE
#undef FERLAB_SIMD_BYTES
#undef FERLAB_SIMD_TARGET

#define FERLAB_SIMD_NAMESPACE avx512
#define FERLAB_SIMD_BYTES 64
#define FERLAB_SIMD_TARGET __attribute__((target("avx512f,avx2,fma")))
#include FERLAB_SIMD_FILE
#undef FERLAB_SIMD_NAMESPACE
#undef FERLAB_SIMD_BYTES
#undef FERLAB_SIMD_TARGET
#endif

#undef FERLAB_UNROLL
#undef FERLAB_SIMD_FILE
