// SPDX-License-Identifier: MIT
// A few threads that share out one loop at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "ferlab/core/flush_subnormals.hpp"

namespace ferlab::detail {

/// threads - 1 workers plus whoever calls. A worker spins for some microseconds after a loop, since in training the
/// next one follows at once, then sleeps.
class ThreadPool {
 public:
  using Task = void (*)(void* context, int piece);

  explicit ThreadPool(int threads) {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
  }
  ~ThreadPool() {
    quit_.store(true, std::memory_order_relaxed);
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return int(workers_.size()) + 1; }

  /// task(context, i) for i = 0 .. pieces - 1, each once, on whichever thread is free next; returns when all are done.
  /// A thread that the system runs elsewhere meanwhile is not waited for, unless it holds a piece. False, and nothing
  /// was called, if another loop is running (of another caller, or the one this call is made from).
  bool run(int pieces, Task task, void* context) {
    if (busy_.test_and_set(std::memory_order_acquire)) return false;
    task_ = task;
    context_ = context;
    pieces_ = pieces;
    next_.store(0, std::memory_order_relaxed);
    state_.store(open, std::memory_order_release);
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
    take_pieces();
    unsigned inside = state_.fetch_sub(open, std::memory_order_acq_rel) - open;
    for (int spins = 0; inside != 0; inside = state_.load(std::memory_order_acquire))
      if (++spins < spin_limit)
        pause();
      else
        state_.wait(inside, std::memory_order_acquire);
    busy_.clear(std::memory_order_release);
    return true;
  }

 private:
  static constexpr int spin_limit = 4000;
  static constexpr unsigned open = 1u << 31;  // of state_: workers may enter the loop

  static void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }

  void take_pieces() {
    for (int i; (i = next_.fetch_add(1, std::memory_order_relaxed)) < pieces_;) task_(context_, i);
  }

  void work() {
    const FlushSubnormals flush;  // as the callers do (model/program.hpp)
    unsigned seen = 0;
    for (;;) {
      unsigned now = generation_.load(std::memory_order_acquire);
      for (int spins = 0; now == seen; ++spins) {
        if (spins < spin_limit)
          pause();
        else
          generation_.wait(seen, std::memory_order_acquire);
        now = generation_.load(std::memory_order_acquire);
      }
      seen = now;
      if (quit_.load(std::memory_order_relaxed)) return;
      unsigned state = state_.load(std::memory_order_relaxed);
      while ((state & open) &&
             !state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire, std::memory_order_relaxed)) {
      }
      if (!(state & open)) continue;
      take_pieces();
      if (state_.fetch_sub(1, std::memory_order_acq_rel) == 1) state_.notify_one();
    }
  }

  std::atomic_flag busy_;
  Task task_ = nullptr;
  void* context_ = nullptr;
  int pieces_ = 0;
  std::atomic<unsigned> generation_{0};
  std::atomic<int> next_{0};
  std::atomic<unsigned> state_{0};  // how many workers are inside of the loop, and `open`
  std::atomic<bool> quit_{false};
  std::vector<std::thread> workers_;
};

}  // namespace ferlab::detail
