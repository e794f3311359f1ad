// SPDX-License-Identifier: MIT
// Where buffers that live at different times share memory. Runs at compile time.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace ferlab {

/// Something that needs `bytes` from time `birth` to time `death`, both included. bytes == 0: nothing.
struct Lifetime {
  std::size_t bytes = 0;
  int birth = 0, death = 0;

  constexpr bool overlaps(const Lifetime& other) const { return birth <= other.death && other.birth <= death; }
};

template <std::size_t N>
struct Arena {
  std::array<std::size_t, N> offset{};  ///< of each lifetime
  std::size_t bytes = 0;                ///< of the whole
};

/// Every part of an arena begins at a multiple of this many bytes: a cache line, and the widest vector.
inline constexpr std::size_t arena_alignment = 64;

constexpr std::size_t align_up(std::size_t n) { return (n + arena_alignment - 1) / arena_alignment * arena_alignment; }

/// Places the largest first, each at the lowest offset that no overlapping lifetime occupies ("greedy by size",
/// Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020).
template <std::size_t N>
constexpr Arena<N> place(const std::array<Lifetime, N>& lives) {
  Arena<N> arena;
  std::array<std::size_t, N> order{};
  for (std::size_t i = 0; i < N; ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return lives[a].bytes != lives[b].bytes ? lives[a].bytes > lives[b].bytes : a < b;
  });
  std::array<std::size_t, N> placed{};  // indices placed so far, by offset
  std::size_t count = 0;
  for (std::size_t i : order) {
    if (lives[i].bytes == 0) break;
    const std::size_t bytes = align_up(lives[i].bytes);
    std::size_t at = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t other = placed[k];
      if (!lives[other].overlaps(lives[i])) continue;
      if (at + bytes <= arena.offset[other]) break;
      at = std::max(at, arena.offset[other] + align_up(lives[other].bytes));
    }
    arena.offset[i] = at;
    arena.bytes = std::max(arena.bytes, at + bytes);
    std::size_t k = count++;
    for (; k > 0 && arena.offset[placed[k - 1]] > at; --k) placed[k] = placed[k - 1];
    placed[k] = i;
  }
  return arena;
}

}  // namespace ferlab
