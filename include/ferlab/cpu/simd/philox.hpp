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

#define FERLAB_SIMD_FILE "ferlab/cpu/simd/philox.inc.hpp"
#include "ferlab/cpu/simd/for_each_isa.inc.hpp"

namespace ferlab::simd {

/// Words 4 * first_block ... 4 * first_block + count - 1 of `stream`; what follows them in the buffer of philox_chunk
/// words is overwritten too.
inline void philox_words(const RandomStream& stream, std::uint32_t first_block, int count, std::uint32_t* words,
                         [[maybe_unused]] Isa isa = best_isa()) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (isa == Isa::avx512) return avx512::philox_words(stream, first_block, count, words);
  if (isa == Isa::avx2) return avx2::philox_words(stream, first_block, count, words);
#endif
  portable::philox_words(stream, first_block, count, words);
}

}  // namespace ferlab::simd
