// SPDX-License-Identifier: MIT
// One thread block as threads of the operating system, for ThreadSanitizer: it names the lines where two threads use
// the same memory with no barrier between them, whatever the answer is. Slow; compiled where FERLAB_EMULATOR_THREADS is
// defined.
#pragma once

#include <algorithm>
#include <barrier>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "support/emulator/copies.hpp"
#include "support/emulator/types.hpp"

namespace ferlab::emulator {

/// What the threads of a block have in common.
struct Team {
  Extent threads, grid;
  Index block;
  unsigned count;
  std::barrier<> everybody;
  std::vector<std::unique_ptr<std::barrier<>>> warps;
  std::vector<std::uint64_t> slots;
  SharedMemory shared;
  std::vector<void*> operands;
  Bytes dynamic;
  std::size_t dynamic_bytes = 0;
  std::mutex mutex;  // of `shared`

  Team(Extent grid_size, Extent block_size)
      : threads(block_size),
        grid(grid_size),
        count(block_size.x * block_size.y * block_size.z),
        everybody(count),
        slots(count),
        operands(count) {
    for (unsigned first = 0; first < count; first += 32)
      warps.push_back(std::make_unique<std::barrier<>>(std::min(32u, count - first)));
  }
};

/// One CUDA thread, as kernels see it.
class Thread {
 public:
  Index thread, block;
  Extent threads, grid;

  Thread(Team& team, unsigned number) : threads(team.threads), grid(team.grid), team_(team), number_(number) {
    thread = {number % threads.x, number / threads.x % threads.y, number / (threads.x * threads.y)};
  }
  unsigned lane() const { return number_ % 32; }
  void sync_threads(const Place&) { team_.everybody.arrive_and_wait(); }
  void sync_warp(unsigned mask, const Place& place) {
    if (mask != 0xffffffffu || team_.count % 32 != 0) fail("only whole warps wait for each other here", place);
    team_.warps[number_ / 32]->arrive_and_wait();
  }
  template <class T>
  T shuffle(unsigned mask, T value, unsigned source, const Place& place) {
    static_assert(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>);
    std::memcpy(&team_.slots[number_], &value, sizeof value);
    sync_warp(mask, place);
    std::memcpy(&value, &team_.slots[number_ / 32 * 32 + source], sizeof value);
    sync_warp(mask, place);
    return value;
  }
  /// What a whole warp does at once: all(of), where of(lane) is what each of the 32 lanes brings.
  template <class Operands, class All>
  void together(Operands& mine, const All& all, const Place& place) {
    void** const operands = &team_.operands[number_ / 32 * 32];
    operands[lane()] = &mine;
    sync_warp(~0u, place);
    if (lane() == 0) all([&](unsigned of) -> Operands& { return *static_cast<Operands*>(operands[of]); });
    sync_warp(~0u, place);
  }
  void copy_async(void* to, const void* from, bool wanted, const Place& place) {
    copies_.start(to, from, wanted, place);
  }
  void end_of_copies() { copies_.end_group(); }
  void wait_for_copies(unsigned pending) {
    copies_.wait(pending, [](const void*) {});
  }
  void warp_reads(const void*, const Place&) {}  // that is ThreadSanitizer's to see
  void ends() { copies_.thread_ends(); }

  void* dynamic_shared() { return team_.dynamic.get(); }
  bool shares(const void* from, std::size_t bytes) const {
    const std::lock_guard lock(team_.mutex);
    return within(from, bytes, team_.dynamic, team_.dynamic_bytes) || team_.shared.has(from, bytes);
  }
  template <class T, std::size_t N>
  auto& shared(const Place& place) {
    const std::lock_guard lock(team_.mutex);
    return team_.shared.template piece<T, N>(place);
  }

 private:
  Team& team_;
  unsigned number_;
  Copies copies_;
};

/// The thread that runs now.
inline thread_local Thread* current = nullptr;

/// Runs body() in every thread of every block, block after block.
template <class Body>
void run_grid(Extent grid, Extent block, std::size_t shared_bytes, Body& body) {
  Team team(grid, block);
  const unsigned blocks = grid.x * grid.y * grid.z;
  std::barrier edge(team.count + 1);  // all have begun, and all have ended, a block
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < team.count; ++number)
    threads.emplace_back([&, number] {
      Thread self(team, number);
      current = &self;
      for (unsigned i = 0; i < blocks; ++i) {
        edge.arrive_and_wait();
        self.block = team.block;
        body();
        self.ends();
        edge.arrive_and_wait();
      }
    });
  for (unsigned i = 0; i < blocks; ++i) {
    team.block = {i % grid.x, i / grid.x % grid.y, i / (grid.x * grid.y)};
    team.shared.clear();
    team.dynamic = poisoned(shared_bytes);
    team.dynamic_bytes = shared_bytes;
    edge.arrive_and_wait();
    edge.arrive_and_wait();
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace ferlab::emulator
