// SPDX-License-Identifier: MIT
#include "ferlab/cpu/simd/philox.hpp"

#include "ferlab/core/philox.hpp"
#include "support/catch.hpp"

using namespace ferlab;

TEST_CASE("every instruction set draws the stream's words, any number of them") {
  const RandomStream stream{.seed = 42, .index = 7, .purpose = Purpose::dropout, .step = 1'000'000'007};
  for (Isa isa : {Isa::portable, Isa::avx2, Isa::avx512}) {
    if (isa > best_isa()) continue;
    INFO("instruction set " << int(isa));
    for (int count : {1, 4, 33, simd::philox_chunk}) {
      std::uint32_t words[simd::philox_chunk] = {};
      simd::philox_words(stream, 0xFFFFFF00u, count, words, isa);
      for (std::uint64_t i = 0; i < std::uint64_t(count); ++i)
        REQUIRE(words[i] == stream.block(0xFFFFFF00u + std::uint32_t(i / 4))[i % 4]);
    }
  }
}
