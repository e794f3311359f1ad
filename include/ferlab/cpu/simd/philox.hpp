// SPDX-License-Identifier: MIT
// Many words of a random stream at once, with the widest vectors of the machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "ferlab/core/philox.hpp"
#include "ferlab/cpu/simd/isa.hpp"

namespace ferlab::simd {

/// Most words that are had at a time: 4 KB.
inline constexpr int philox_chunk = 1024;

}  // namespace ferlab::simd

#if defined(__clang__)
#define FERLAB_UNROLL _Pragma("clang loop unroll(full)")
#else
#define FERLAB_UNROLL _Pragma("GCC unroll 10")
#endif

#define FERLAB_SIMD_NAMESPACE portable
#define FERLAB_SIMD_BYTES 16
#define FERLAB_SIMD_TARGET
#include "ferlab/cpu/simd/philox.inc.hpp"
#undef FERLAB_SIMD_NAMESPACE
#undef FERLAB_SIMD_BYTES
#undef FERLAB_SIMD_TARGET

#if defined(__x86_64__) && defined(__GNUC__)
#define FERLAB_SIMD_NAMESPACE avx2
#define FERLAB_SIMD_BYTES 32
#define FERLAB_SIMD_TARGET __attribute__((target("avx2,fma")))
#include "ferlab/cpu/simd/philox.inc.hpp"
#undef FERLAB_SIMD_NAMESPACE
#undef FERLAB_SIMD_BYTES
#undef FERLAB_SIMD_TARGET

#define FERLAB_SIMD_NAMESPACE avx512
#define FERLAB_SIMD_BYTES 64
#define FERLAB_SIMD_TARGET __attribute__((target("avx512f,avx2,fma")))
#include "ferlab/cpu/simd/philox.inc.hpp"
#undef FERLAB_SIMD_NAMESPACE
#undef FERLAB_SIMD_BYTES
#undef FERLAB_SIMD_TARGET
#endif
#undef FERLAB_UNROLL

namespace ferlab::simd {

/// Words 4 * first_block ... 4 * first_block + count - 1 of `stream`; what follows them in the buffer of philox_chunk
/// words is overwritten too.
inline void philox_words(const RandomStream& stream, std::uint32_t first_block, int count, std::uint32_t* words,
                         Isa isa = best_isa()) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (isa == Isa::avx512) return avx512::philox_words(stream, first_block, count, words);
  if (isa == Isa::avx2) return avx2::philox_words(stream, first_block, count, words);
#endif
  portable::philox_words(stream, first_block, count, words);
}

}  // namespace ferlab::simd
