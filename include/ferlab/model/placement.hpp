// SPDX-License-Identifier: MIT
// When every tensor of a list lives, and where it lies: tensors that live at different times share memory.
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/model/op_list.hpp"

namespace ferlab::detail {

/// Every tensor begins at a multiple of this many bytes: a cache line, and the widest vector.
inline constexpr std::size_t alignment = 64;
constexpr std::size_t align_up(std::size_t n) { return (n + alignment - 1) / alignment * alignment; }

/// Something that needs `bytes` from time `birth` to time `death`, both included. bytes == 0: nothing.
struct Lifetime {
  std::size_t bytes = 0;
  int birth = 1 << 30, death = -1;
};

/// Greedy by size: the largest first, each at the lowest offset that no overlapping lifetime occupies (Pisarchyk and
/// Lee, "Efficient memory management for deep neural net inference", 2020). Fills offset; returns the bytes of the
/// whole.
constexpr std::size_t place(const Items<Lifetime>& lives, Items<std::size_t>& offset) {
  Items<std::size_t> order, placed;
  for (std::size_t i = 0; i < lives.size(); ++i)
    if (lives[i].bytes > 0) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return lives[a].bytes != lives[b].bytes ? lives[a].bytes > lives[b].bytes : a < b;
  });
  std::size_t end = 0;
  const Lifetime* const life = lives.data();
  const std::size_t* const to = offset.data();
  for (std::size_t i : order) {
    const std::size_t bytes = align_up(life[i].bytes);
    const int birth = life[i].birth, death = life[i].death;
    std::size_t at = 0;
    for (std::size_t other : placed) {  // plain pointers: this is what a compiler spends its time on
      const Lifetime& before = life[other];
      if (before.birth > death || birth > before.death) continue;
      if (at + bytes <= to[other]) break;
      const std::size_t end_of_other = to[other] + align_up(before.bytes);
      if (end_of_other > at) at = end_of_other;
    }
    offset[i] = at;
    end = std::max(end, at + bytes);
    placed.push_back(i);
    for (std::size_t k = placed.size() - 1; k > 0 && offset[placed[k - 1]] > at; --k)
      std::swap(placed[k], placed[k - 1]);
  }
  return end;
}

/// Bytes of an element.
struct ElementSize {
  std::size_t value, scalar;
  constexpr std::size_t of(const Tensor& t) const {
    return t.element == Element::byte ? 1 : t.element == Element::scalar ? scalar : value;
  }
};

/// Finds lifetimes, shares memory where ops allow it, and places the tensors of one region. Time is the place on the
/// list. Returns the region's bytes.
constexpr std::size_t place_region(OpList& list, Region region, ElementSize size) {
  const std::size_t count = list.tensors.size();
  Tensor* const tensors = list.tensors.data();
  Items<Lifetime> lifetimes(count, {});
  Lifetime* const lives = lifetimes.data();
  Items<int> roots(count, 0);
  int* const root = roots.data();  // whose memory a tensor uses
  for (std::size_t i = 0; i < count; ++i) root[i] = int(i);
  const auto root_of = [root](int id) {
    while (root[id] != id) id = root[id];
    return id;
  };
  const auto touch = [&](int id, int time) {
    const Tensor& t = tensors[id];
    if (t.region != region) return;
    Lifetime& life = lives[id];
    life.bytes = t.count * size.of(t);
    life.birth = std::min(life.birth, time), life.death = std::max(life.death, time);
  };
  const int end = int(list.entries.size());
  const Entry* const entries = list.entries.data();
  if (list.input) touch(list.input.id, -1);
  for (int time = 0; time < end; ++time)
    for (const Use& use : list.uses(entries[time])) touch(use.id, time);
  if (list.output && !list.training) touch(list.output.id, end);
  for (int time = 0; time < end; ++time)
    for (const Use& use : list.uses(entries[time])) {
      if (use.over < 0 || tensors[use.id].region != region) continue;
      const int old = root_of(use.over);
      Lifetime &from = lives[old], &to = lives[use.id];
      if (old == root_of(use.id) || from.death > time || from.bytes != to.bytes) continue;
      root[use.id] = old;
      from.death = to.death;
      to.bytes = 0;
    }
  Items<std::size_t> offset(count, 0);
  const std::size_t bytes = place(lifetimes, offset);
  for (std::size_t i = 0; i < count; ++i)
    if (tensors[i].region == region) tensors[i].offset = offset[std::size_t(root_of(int(i)))];
  return bytes;
}

/// Places those that lie one after another. Returns the bytes of the packed weights.
constexpr std::size_t place_in_order(OpList& list, ElementSize size) {
  std::size_t packed = 0;
  for (Tensor& t : list.tensors)
    if (t.region == Region::packed)
      t.offset = packed, packed += align_up(t.count * size.of(t));
    else if (t.region != Region::sample && t.region != Region::batch)
      t.offset *= size.of(t);
  return packed;
}

}  // namespace ferlab::detail
