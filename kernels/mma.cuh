// SPDX-License-Identifier: MIT
// Tensor cores and what feeds them, for one warp: mma.m16n8k16 in bfloat16 with float sums, ldmatrix, cp.async (PTX
// ISA, sm_80 and newer). The emulator does the same by shuffles and plain loads, so that the layout of the fragments is
// tested where there is no tensor core.
#pragma once

#include "kernels/device.cuh"

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
#define FERLAB_TENSOR_CORES 1
#endif

namespace ferlab::kernels {

/// Two neighbouring bfloat16, the first in the lower half.
using Pair = std::uint32_t;

// What lane l holds, with row g = l / 4 and t = l % 4:
struct FragmentA {  ///< 16x16: (g, 2t), (g + 8, 2t), (g, 2t + 8), (g + 8, 2t + 8), and the column after each
  Pair v[4];
};
struct FragmentB {  ///< 16x8: (2t, g), (2t + 8, g), and the row after each
  Pair v[2];
};
struct FragmentC {  ///< 16x8: (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)
  float v[4];
};

__device__ inline int lane_of_warp() { return int(threadIdx.x) % 32; }

#if !defined(FERLAB_TENSOR_CORES)
__device__ inline float half_of(Pair pair, int which) {
  bfloat16 value;
  value.bits = std::uint16_t(pair >> (16 * which));
  return float(value);
}
#endif

/// c += a * b.
__device__ inline void multiply_accumulate(const FragmentA& a, const FragmentB& b, FragmentC& c) {
#if defined(FERLAB_TENSOR_CORES)
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
      "%3};"
      : "+f"(c.v[0]), "+f"(c.v[1]), "+f"(c.v[2]), "+f"(c.v[3])
      : "r"(a.v[0]), "r"(a.v[1]), "r"(a.v[2]), "r"(a.v[3]), "r"(b.v[0]), "r"(b.v[1]));
#else
  constexpr unsigned all = 0xffffffffu;
  const int row = lane_of_warp() / 4, column = lane_of_warp() % 4 * 2;
  for (int k = 0; k < 4; ++k) {  // the lane of each row and column that holds k = 2k, 2k + 1, 2k + 8, 2k + 9
    Pair left[4], right[2][2];
    for (int i = 0; i < 4; ++i) left[i] = __shfl_sync(all, a.v[i], row * 4 + k);
    for (int n = 0; n < 2; ++n)
      for (int i = 0; i < 2; ++i) right[n][i] = __shfl_sync(all, b.v[i], (column + n) * 4 + k);
    for (int n = 0; n < 2; ++n)
      for (int half = 0; half < 2; ++half) {
        const float low = half_of(right[n][0], half), high = half_of(right[n][1], half);
        c.v[n] += half_of(left[0], half) * low + half_of(left[2], half) * high;
        c.v[2 + n] += half_of(left[1], half) * low + half_of(left[3], half) * high;
      }
  }
#endif
}

/// Four 8x8 matrices from shared memory: lane l gives where row l % 8 of matrix l / 8 begins (16 bytes, aligned), and
/// gets of each matrix (l / 4, 2 (l % 4)) and the element after it; Transposed: (2 (l % 4), l / 4) and the one below
/// it.
template <bool Transposed>
__device__ inline void load_matrices(const bfloat16* row, Pair (&out)[4]) {
#if defined(FERLAB_TENSOR_CORES)
  const auto address = unsigned(__cvta_generic_to_shared(row));
  if constexpr (Transposed)
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(address)
                 : "memory");
  else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(address)
                 : "memory");
#else
  constexpr unsigned all = 0xffffffffu;
  const auto mine = reinterpret_cast<unsigned long long>(row);
  const int far = lane_of_warp() / 4, pair = lane_of_warp() % 4 * 2;
  for (int i = 0; i < 4; ++i) {
    const int first = Transposed ? pair : far;
    const auto* above = reinterpret_cast<const bfloat16*>(__shfl_sync(all, mine, 8 * i + first));
    const auto* below =
        reinterpret_cast<const bfloat16*>(__shfl_sync(all, mine, 8 * i + (Transposed ? pair + 1 : far)));
    const bfloat16 low = above[Transposed ? far : pair], high = below[Transposed ? far : pair + 1];
    out[i] = Pair(low.bits) | Pair(high.bits) << 16;
  }
#endif
}

/// Starts copying 16 bytes from global to shared memory; zeros where not `wanted` (`from` is then not read).
__device__ inline void copy_async(bfloat16* to, const bfloat16* from, bool wanted) {
#if defined(FERLAB_TENSOR_CORES)
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(unsigned(__cvta_generic_to_shared(to))), "l"(from),
               "r"(wanted ? 16 : 0)
               : "memory");
#else
  using Chunk = Piece<bfloat16, 8>;
  *reinterpret_cast<Chunk*>(to) = wanted ? *reinterpret_cast<const Chunk*>(from) : Chunk{};
#endif
}

/// Ends a group of copies.
__device__ inline void end_of_copies() {
#if defined(FERLAB_TENSOR_CORES)
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Waits until at most `Pending` groups of this thread's copies are under way.
template <int Pending>
__device__ inline void wait_for_copies() {
#if defined(FERLAB_TENSOR_CORES)
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
#endif
}

}  // namespace ferlab::kernels
