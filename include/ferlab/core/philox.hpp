// SPDX-License-Identifier: MIT
// Philox 4x32-10: random numbers computed from an address instead of a running state.
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace ferlab {

/// Four random words for one 128-bit counter under one 64-bit key.
constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {std::uint32_t(b >> 32) ^ counter[1] ^ key[0], std::uint32_t(b),
               std::uint32_t(a >> 32) ^ counter[3] ^ key[1], std::uint32_t(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// What a stream of random numbers is for. Streams with different purposes never overlap.
enum class Purpose : std::uint32_t { dropout = 0, shuffle = 1, initializer = 2, augmentation = 3, data = 4 };

/// A stream of random words addressed by (seed, purpose, index, step, element): any word can be had at any time, on any
/// backend, in any order, and two streams that differ in anything share nothing.
/// `index` is the layer for dropout and initialisers; `step` is the optimizer step (or the epoch for a shuffle).
struct RandomStream {
  std::uint64_t seed = 0;
  std::uint32_t index = 0;
  Purpose purpose = Purpose::dropout;
  std::uint64_t step = 0;

  /// Words 4*block .. 4*block+3 of the stream. Counter layout: {block, index + 2^24 * purpose, step low, step high}.
  constexpr std::array<std::uint32_t, 4> block(std::uint32_t block) const {
    return philox4x32({block, index | (std::uint32_t(purpose) << 24), std::uint32_t(step), std::uint32_t(step >> 32)},
                      {std::uint32_t(seed), std::uint32_t(seed >> 32)});
  }
  constexpr std::uint32_t word(std::uint64_t element) const { return block(std::uint32_t(element / 4))[element % 4]; }

  /// Uniform in [0, 1), 24 bits: exact in float.
  constexpr float uniform(std::uint64_t element) const { return float(word(element) >> 8) * 0x1p-24f; }

  /// Normal with mean 0 and deviation 1 (Box-Muller on elements 2*element and 2*element+1).
  double normal(std::uint64_t element) const {
    const double u = (double(word(2 * element)) + 0.5) * 0x1p-32, v = double(word(2 * element + 1)) * 0x1p-32;
    return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586 * v);
  }

  /// Uniform in 0..bound-1 (multiply-shift; the bias is below bound / 2^32).
  constexpr std::uint32_t below(std::uint64_t element, std::uint32_t bound) const {
    return std::uint32_t((std::uint64_t(word(element)) * bound) >> 32);
  }
};

}  // namespace ferlab
