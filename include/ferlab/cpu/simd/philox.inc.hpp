// SPDX-License-Identifier: MIT
// Philox 4x32-10 (see core/philox.hpp), one block in each 64-bit lane. Included once for each instruction set,
// with the macros that for_each_isa.inc.hpp explains. No include guard.

namespace ferlab::simd::FERLAB_SIMD_NAMESPACE {

typedef std::uint64_t Blocks __attribute__((vector_size(FERLAB_SIMD_BYTES)));

// a * b of the lower halves. The full 64-bit product that g++ writes for this costs three multiplications.
FERLAB_SIMD_TARGET inline void multiply_lower(const Blocks& a, std::uint32_t b, Blocks& product) {
#if defined(__SSE2__) && !defined(__clang__)
  const Blocks factor = Blocks{} + b;
#if FERLAB_SIMD_BYTES == 16
  asm("movdqa %1, %0\n\tpmuludq %2, %0" : "=&x"(product) : "x"(a), "x"(factor));
#else
  asm("vpmuludq %1, %2, %0" : "=v"(product) : "v"(a), "v"(factor));
#endif
#else
  product = (a & 0xFFFFFFFFu) * (Blocks{} + b);
#endif
}

FERLAB_SIMD_TARGET inline void philox_words(const RandomStream& stream, std::uint32_t first_block, int count,
                                            std::uint32_t* words) {
  constexpr int width = FERLAB_SIMD_BYTES / 8;
  // The upper halves of the lanes may hold anything: neither the product nor the words below look at them.
  Blocks block{};
  for (int lane = 0; lane < width; ++lane) block[lane] = first_block + std::uint32_t(lane);
  const Blocks purpose = Blocks{} + (stream.index | (std::uint32_t(stream.purpose) << 24));
  const Blocks step_low = Blocks{} + std::uint32_t(stream.step),
               step_high = Blocks{} + std::uint32_t(stream.step >> 32);
  for (std::uint32_t* const end = words + count; words < end; words += 4 * width, block += width) {
    Blocks c0 = block, c1 = purpose, c2 = step_low, c3 = step_high;
    std::uint32_t key_0 = std::uint32_t(stream.seed), key_1 = std::uint32_t(stream.seed >> 32);
    FERLAB_UNROLL for (int round = 0; round < 10; ++round) {
      Blocks a, b;
      multiply_lower(c0, 0xD2511F53u, a);
      multiply_lower(c2, 0xCD9E8D57u, b);
      c0 = (b >> 32) ^ c1 ^ key_0;
      c1 = b;
      c2 = (a >> 32) ^ c3 ^ key_1;
      c3 = a;
      key_0 += 0x9E3779B9u;
      key_1 += 0xBB67AE85u;
    }
    const Blocks low = (c0 & 0xFFFFFFFFu) | (c1 << 32), high = (c2 & 0xFFFFFFFFu) | (c3 << 32);
    // Lane by lane, low before high: the order of the stream.
#if FERLAB_SIMD_BYTES == 16
    const Blocks first = __builtin_shufflevector(low, high, 0, 2), second = __builtin_shufflevector(low, high, 1, 3);
#elif FERLAB_SIMD_BYTES == 32
    const Blocks first = __builtin_shufflevector(low, high, 0, 4, 1, 5);
    const Blocks second = __builtin_shufflevector(low, high, 2, 6, 3, 7);
#else
    const Blocks first = __builtin_shufflevector(low, high, 0, 8, 1, 9, 2, 10, 3, 11);
    const Blocks second = __builtin_shufflevector(low, high, 4, 12, 5, 13, 6, 14, 7, 15);
#endif
    std::memcpy(words, &first, sizeof(Blocks));
    std::memcpy(words + FERLAB_SIMD_BYTES / 4, &second, sizeof(Blocks));
  }
}

}  // namespace ferlab::simd::FERLAB_SIMD_NAMESPACE
