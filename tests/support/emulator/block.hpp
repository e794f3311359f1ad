// SPDX-License-Identifier: MIT
// One thread block on the CPU: its threads are fibers of one thread of the operating system, and change over only where
// they wait for each other. In which order they run is the schedule; results must not depend on it.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <tuple>
#include <type_traits>
#include <vector>

#include "support/emulator/fiber.hpp"

namespace ferlab::emulator {

struct Index {
  unsigned x = 0, y = 0, z = 0;
};
struct Extent {
  unsigned x, y, z;
  constexpr Extent(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

/// Where in the kernel's source something happens.
struct Place {
  const char* file;
  unsigned line;
  static constexpr Place here(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
    return {file, line};
  }
  bool operator==(const Place& other) const { return line == other.line && std::strcmp(file, other.file) == 0; }
};

/// A kernel did what CUDA does not define: the test program ends here.
[[noreturn]] inline void fail(const char* what, const Place& place) {
  std::fprintf(stderr, "emulator: %s at %s:%u\n", what, place.file, place.line);
  std::_Exit(1);
}

/// The order in which threads run: 0 as they are numbered, 1 reversed, others shuffled by this seed.
inline thread_local unsigned schedule = 0;

/// What tells one piece of shared memory from another.
using SharedKey = std::tuple<const char*, unsigned, std::size_t, std::size_t>;

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
        warps_((count_ + 31) / 32) {
    std::iota(order_.begin(), order_.end(), 0u);
    if (schedule == 1) std::reverse(order_.begin(), order_.end());
    if (schedule > 1) std::shuffle(order_.begin(), order_.end(), random_);
  }

  template <class Body>
  void run(Index id, Body& body) {
    block = id;
    started_ = ended_ = arrived_ = 0;
    shared_.clear();
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
    if (++arrived_ == count_ - ended_) return release();
    at_barrier_.push_back(current_);
    current_->fiber->leave();
  }

  void sync_warp(unsigned mask, const Place& place) {
    Warp& warp = warps_[current_->number / 32];
    const unsigned first = current_->number / 32 * 32;
    const unsigned exists = count_ - first >= 32 ? ~0u : (1u << (count_ - first)) - 1;
    waited_ = place;
    if (!(mask >> lane() & 1)) fail("the calling lane is not in its mask", place);
    if ((mask & ~exists) || (mask & warp.ended)) fail("the mask names a lane that ended or does not exist", place);
    Warp::Group& group = warp.groups[mask];
    group.arrived |= 1u << lane();
    if (group.arrived != mask) {
      group.waiting.push_back(current_);
      return current_->fiber->leave();
    }
    group.arrived = 0;
    ready_.insert(ready_.end(), group.waiting.begin(), group.waiting.end());
    group.waiting.clear();
    mix();
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

  unsigned lane() const { return current_->number % 32; }

  void* dynamic_shared() { return dynamic_.get(); }

  /// One piece a block for each place in the source, of exact size, full of NaN.
  template <class T, std::size_t N>
  T (&shared(const Place& place))
  [N] {
    auto& memory = shared_[{place.file, place.line, sizeof(T), N}];
    if (!memory) memory = poisoned(sizeof(T) * N);
    return *reinterpret_cast<T(*)[N]>(memory.get());
  }

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  using Bytes = std::unique_ptr<unsigned char, Free>;
  struct Runner {
    std::unique_ptr<Fiber> fiber;
    unsigned number = 0;  // of the CUDA thread it runs now
  };
  struct Warp {
    struct Group {
      unsigned arrived = 0;
      std::vector<Runner*> waiting;
    };
    unsigned long long slots[32]{};
    unsigned ended = 0;
    std::map<unsigned, Group> groups;
  };

  static Bytes poisoned(std::size_t bytes) {
    Bytes memory(static_cast<unsigned char*>(std::malloc(bytes > 0 ? bytes : 1)));
    std::memset(memory.get(), 0xff, bytes);
    return memory;
  }
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
        warps_[current_->number / 32].ended |= 1u << lane();
        ++ended_;
        if (arrived_ > 0) fail("a thread ended while others wait at __syncthreads", barrier_);
      }
      idle_.push_back(current_);
      current_->fiber->leave();
    }
  }
  void release() {
    arrived_ = 0;
    ready_.insert(ready_.end(), at_barrier_.begin(), at_barrier_.end());
    at_barrier_.clear();
    mix();
  }
  void mix() {
    if (schedule == 0) std::reverse(ready_.begin(), ready_.end());
    if (schedule > 1) std::shuffle(ready_.begin(), ready_.end(), random_);
  }

  unsigned count_, started_ = 0, ended_ = 0, arrived_ = 0;
  std::size_t dynamic_bytes_;
  std::mt19937 random_{schedule};
  std::vector<unsigned> order_;
  std::vector<Warp> warps_;
  std::vector<std::unique_ptr<Runner>> runners_;
  std::vector<Runner*> ready_, idle_, at_barrier_;
  std::map<SharedKey, Bytes> shared_;
  Bytes dynamic_;
  Runner* current_ = nullptr;
  Place barrier_ = Place::here(), waited_ = barrier_;
  void (*body_)(void*) = nullptr;
  void* kernel_ = nullptr;
};

/// The block that runs now.
inline thread_local Block* current = nullptr;

}  // namespace ferlab::emulator
