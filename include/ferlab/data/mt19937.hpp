// SPDX-License-Identifier: MIT
// The Mersenne Twister as numpy's RandomState uses it, for splits equal to sklearn's. (std::mt19937 gives the same
// words; <random> would cost every user half a second of compile time.) Source: Matsumoto, Nishimura, "Mersenne
// Twister", ACM TOMACS 8, 1998, and mt19937ar.c (2002) for the seeding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace ferlab::data::detail {

class Mt19937 {
 public:
  explicit Mt19937(std::uint32_t seed) {
    for (std::uint32_t i = 0; i < size; ++i) {
      state_[i] = seed;
      seed = 1812433253u * (seed ^ (seed >> 30)) + i + 1;
    }
  }

  std::uint32_t operator()() {
    if (next_ == size) refill();
    std::uint32_t y = state_[next_++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
  }

  /// Uniform in 0..last: numpy's random_interval, which masks and draws again.
  std::uint32_t up_to(std::uint32_t last) {
    if (last == 0) return 0;
    std::uint32_t mask = last;
    for (int shift : {1, 2, 4, 8, 16}) mask |= mask >> shift;
    std::uint32_t value;
    do value = (*this)() & mask;
    while (value > last);
    return value;
  }

  /// numpy's RandomState.shuffle of a one-dimensional array.
  void shuffle(std::span<std::uint32_t> values) {
    for (std::size_t i = values.size(); i-- > 1;) std::swap(values[i], values[up_to(std::uint32_t(i))]);
  }

 private:
  static constexpr std::uint32_t size = 624, middle = 397;

  void refill() {
    for (std::uint32_t i = 0; i < size; ++i) {
      const std::uint32_t y = (state_[i] & 0x80000000u) | (state_[(i + 1) % size] & 0x7fffffffu);
      state_[i] = state_[(i + middle) % size] ^ (y >> 1) ^ (y % 2 ? 0x9908b0dfu : 0);
    }
    next_ = 0;
  }

  std::uint32_t state_[size];
  std::uint32_t next_ = size;
};

}  // namespace ferlab::data::detail
