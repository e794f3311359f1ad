// SPDX-License-Identifier: MIT
// The PTX instructions that CUDA C++ has no words for: what tensor cores do, and what feeds them (sm_80 and newer).
// What each means stands in the PTX ISA; where kernels run without nvcc, the emulator defines the same functions.
#pragma once

#include <cstdint>

namespace ferlab::kernels {

/// mma.m16n8k16 in bfloat16 with float sums: c += a * b. The whole warp calls it; mma.cuh says what each lane holds.
__device__ inline void multiply_accumulate(const std::uint32_t (&a)[4], const std::uint32_t (&b)[2], float (&c)[4]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
      "%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/// ldmatrix: four 8x8 matrices of 16-bit elements from shared memory. The whole warp calls it; lane l gives where row
/// l % 8 of matrix l / 8 begins (16 bytes, aligned), and gets of each matrix (l / 4, 2 (l % 4)) and the element after
/// it; Transposed: (2 (l % 4), l / 4) and the one below it.
template <bool Transposed>
__device__ inline void load_matrices(const void* row, std::uint32_t (&out)[4]) {
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
}

/// cp.async: starts copying 16 bytes from global to shared memory; zeros where not `wanted` (`from` is then not read).
__device__ inline void copy_async(void* to, const void* from, bool wanted) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(unsigned(__cvta_generic_to_shared(to))), "l"(from),
               "r"(wanted ? 16 : 0)
               : "memory");
}

/// cp.async.commit_group: ends a group of this thread's copies.
__device__ inline void end_of_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

/// cp.async.wait_group: waits until at most `Pending` groups of this thread's copies are under way.
template <int Pending>
__device__ inline void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
}

}  // namespace ferlab::kernels
