// SPDX-License-Identifier: MIT
// One thread block on the CPU: its threads are fibers of one thread of the operating system, and change over only where
// they wait for each other. In which order they run is the schedule; results must not depend on it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/emulator/copies.hpp"
#include "support/emulator/fiber.hpp"
#include "support/emulator/traffic.hpp"
#include "support/emulator/types.hpp"

namespace ferlab::emulator {

class Block {
 public:
  Index thread, block;
  Extent threads, grid;

  Block(Extent block_size, Extent grid_size, std::size_t dynamic_bytes)
      : threads(block_size),
        grid(grid_size),
        count_(block_size.x * block_size.y * block_size.z),
        dynamic_bytes_(dynamic_bytes),
        order_(count_),
        warps_((count_ + 31) / 32),
        copies_(count_) {
    std::iota(order_.begin(), order_.end(), 0u);
    if (schedule == 1) std::reverse(order_.begin(), order_.end());
    if (schedule > 1) std::shuffle(order_.begin(), order_.end(), random_);
  }

  template <class Body>
  void run(Index id, Body& body) {
    block = id;
    started_ = ended_ = arrived_ = barriers_ = 0;
    shared_.clear();
    copied_.clear();
    warps_.assign(warps_.size(), {});
    dynamic_ = poisoned(dynamic_bytes_);
    body_ = [](void* kernel) { (*static_cast<Body*>(kernel))(); };
    kernel_ = &body;
    while (ended_ < count_) {
      if (!ready_.empty())
        resume(take(ready_));
      else if (started_ < count_)
        resume(idle_.empty() ? made() : take(idle_));
      else
        fail(arrived_ > 0 ? "deadlock: not every thread reached __syncthreads"
                          : "deadlock: a lane of the mask never came",
             arrived_ > 0 ? barrier_ : waited_);
    }
  }

  void sync_threads(const Place& place) {
    if (arrived_ > 0 && !(place == barrier_)) fail("threads of one block wait at different __syncthreads", place);
    barrier_ = place;
    at_barrier_.push_back(current_);
    if (++arrived_ == count_ - ended_) {
      arrived_ = 0;
      ++barriers_;
      wake(at_barrier_);
    }
    current_->fiber->leave();
  }

  void sync_warp(unsigned mask, const Place& place) {
    sync_warp(mask, place, [] {});
  }
  /// The last lane to come calls last() before any goes on.
  template <class Last>
  void sync_warp(unsigned mask, const Place& place, const Last& last) {
    Warp& warp = warps_[current_->number / 32];
    const unsigned first = current_->number / 32 * 32;
    const unsigned exists = count_ - first >= 32 ? ~0u : (1u << (count_ - first)) - 1;
    waited_ = place;
    if (!(mask >> lane() & 1)) fail("the calling lane is not in its mask", place);
    if ((mask & ~exists) || (mask & warp.ended)) fail("the mask names a lane that ended or does not exist", place);
    Warp::Group& group = warp.groups[mask];
    if (group.arrived != 0 && !(place == group.place)) fail("lanes of one warp wait at different places", place);
    group.place = place;
    group.arrived |= 1u << lane();
    group.waiting.push_back(current_);
    if (group.arrived == mask) {
      last();
      group.arrived = 0;
      wake(group.waiting);
    }
    current_->fiber->leave();
  }

  template <class T>
  T shuffle(unsigned mask, T value, unsigned source, const Place& place) {
    static_assert(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>);
    Warp& warp = warps_[current_->number / 32];
    std::memcpy(&warp.slots[lane()], &value, sizeof value);
    sync_warp(mask, place);
    if (!(mask >> source & 1)) fail("a shuffle reads a lane outside of its mask", place);
    std::memcpy(&value, &warp.slots[source], sizeof value);
    sync_warp(mask, place);
    return value;
  }

  /// What a whole warp does at once: all(of), where of(lane) is what each of the 32 lanes brings.
  template <class Operands, class All>
  void together(Operands& mine, const All& all, const Place& place) {
    Warp& warp = warps_[current_->number / 32];
    warp.operands[lane()] = &mine;
    sync_warp(~0u, place,
              [&] { all([&](unsigned of) -> Operands& { return *static_cast<Operands*>(warp.operands[of]); }); });
  }

  void copy_async(void* to, const void* from, bool wanted, const Place& place) {
    copied_.copy_begins(to, current_->number, barriers_, place);
    copies_[current_->number].start(to, from, wanted, place);
  }
  void end_of_copies() { copies_[current_->number].end_group(); }
  void wait_for_copies(unsigned pending) {
    copies_[current_->number].wait(pending,
                                   [this](const void* to) { copied_.copy_arrives(to, current_->number, barriers_); });
  }
  void warp_reads(const void* from, const Place& place) {
    copied_.warp_reads(from, current_->number / 32, barriers_, place);
  }

  unsigned lane() const { return current_->number % 32; }

  void* dynamic_shared() { return dynamic_.get(); }
  bool shares(const void* from, std::size_t bytes) const {
    return within(from, bytes, dynamic_, dynamic_bytes_) || shared_.has(from, bytes);
  }

  template <class T, std::size_t N>
  auto& shared(const Place& place) {
    return shared_.piece<T, N>(place);
  }

 private:
  struct Runner {
    std::unique_ptr<Fiber> fiber;
    unsigned number = 0;  // of the CUDA thread it runs now
  };
  struct Warp {
    struct Group {
      unsigned arrived = 0;
      Place place = Place::here();
      std::vector<Runner*> waiting;
    };
    unsigned long long slots[32]{};
    void* operands[32]{};
    unsigned ended = 0;
    std::map<unsigned, Group> groups;
  };

  static Runner* take(std::vector<Runner*>& from) {
    Runner* const runner = from.back();
    from.pop_back();
    return runner;
  }
  Runner* made() {
    runners_.push_back(std::make_unique<Runner>());
    runners_.back()->fiber =
        std::make_unique<Fiber>([](void* self) { static_cast<Block*>(self)->run_threads(); }, this);
    return runners_.back().get();
  }
  void place(unsigned number) {
    current_->number = number;
    thread = {number % threads.x, number / threads.x % threads.y, number / (threads.x * threads.y)};
  }
  void resume(Runner* runner) {
    current_ = runner;
    place(runner->number);
    runner->fiber->enter();
  }
  /// Where a fiber lives: it runs thread after thread, so that one that never waits costs no switch.
  void run_threads() {
    for (;;) {
      while (started_ < count_) {
        place(order_[started_++]);
        body_(kernel_);
        copies_[current_->number].thread_ends();
        warps_[current_->number / 32].ended |= 1u << lane();
        ++ended_;
        if (arrived_ > 0) fail("a thread ended while others wait at __syncthreads", barrier_);
      }
      idle_.push_back(current_);
      current_->fiber->leave();
    }
  }
  /// These go on: before all others, so that one warp runs as far as it can while others have not moved, or in an order
  /// that is shuffled anew.
  void wake(std::vector<Runner*>& waiting) {
    std::sort(waiting.begin(), waiting.end(), [](const Runner* a, const Runner* b) {  // the last is the next to run
      return schedule == 0 ? a->number > b->number : a->number < b->number;
    });
    ready_.insert(ready_.end(), waiting.begin(), waiting.end());
    waiting.clear();
    if (schedule > 1) std::shuffle(ready_.begin(), ready_.end(), random_);
  }

  unsigned count_, started_ = 0, ended_ = 0, arrived_ = 0;
  unsigned barriers_ = 0;  // that the block has passed
  std::size_t dynamic_bytes_;
  std::mt19937 random_{schedule};
  std::vector<unsigned> order_;
  std::vector<Warp> warps_;
  std::vector<Copies> copies_;  // of each thread
  CopiedMemory copied_;
  std::vector<std::unique_ptr<Runner>> runners_;
  std::vector<Runner*> ready_, idle_, at_barrier_;
  SharedMemory shared_;
  Bytes dynamic_;
  Runner* current_ = nullptr;
  Place barrier_ = Place::here(), waited_ = barrier_;
  void (*body_)(void*) = nullptr;
  void* kernel_ = nullptr;
};

/// The block that runs now.
inline thread_local Block* current = nullptr;

/// Runs body() in every thread of every block (or of some: most_blocks), block after block.
template <class Body>
void run_grid(Extent grid, Extent block, std::size_t shared_bytes, Body& body) {
  Block all(block, grid, shared_bytes);
  Block* const outer = std::exchange(current, &all);
  const double moved = std::exchange(bytes_moved, 0);
  const std::uint64_t blocks = std::uint64_t(grid.x) * grid.y * grid.z,
                      count = most_blocks == 0 ? blocks : std::min<std::uint64_t>(blocks, most_blocks);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t number = (2 * i + 1) * blocks / (2 * count), row = number / grid.x;
    all.run({unsigned(number % grid.x), unsigned(row % grid.y), unsigned(row / grid.y)}, body);
  }
  bytes_moved = moved + bytes_moved * double(blocks) / double(count);
  current = outer;
}

}  // namespace ferlab::emulator
