// SPDX-License-Identifier: MIT
// Every allocation of a program is counted, by operators of its own: to be included in one of its files only.
#pragma once

#include <ferlab/train/state.hpp>

#include <atomic>
#include <cstdlib>
#include <new>

// g++ takes the free() of an inlined delete for a mistake.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace ferlab::test {

inline std::atomic<long> allocations{0};

inline void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (!p) std::abort();
  return p;
}

/// A callback: how many allocations there were after the first step, and before the end of the third epoch.
struct AllocationWatch {
  long after_first = -1, before_end = -1;
  void on_train_batch_end(const TrainingState& t) {
    if (t.step == 1) after_first = allocations;
  }
  void on_epoch_end(const TrainingState& t) {
    if (t.epoch == 2) before_end = allocations;
  }
};

}  // namespace ferlab::test

void* operator new(std::size_t size) { return ferlab::test::counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return ferlab::test::counted(size, std::size_t(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return ferlab::test::counted(size, alignof(std::max_align_t));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
