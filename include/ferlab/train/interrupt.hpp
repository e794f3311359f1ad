// SPDX-License-Identifier: MIT
// Ctrl-C during training: the first asks for a clean end, the second ends the program as usual.
#pragma once

#include <atomic>
#include <csignal>

namespace ferlab::detail {

/// While one lives, SIGINT and SIGTERM set a flag instead of ending the program.
class InterruptGuard {
 public:
  InterruptGuard() {
    requested() = false;
    previous_interrupt_ = std::signal(SIGINT, &handle);
    previous_terminate_ = std::signal(SIGTERM, &handle);
  }
  ~InterruptGuard() { end(); }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Has one of them arrived?
  static bool interrupted() { return requested(); }

  /// From here on they do what they did before. Asked after it, interrupted() misses none that arrived until then.
  void end() {
    if (ended_) return;
    std::signal(SIGINT, previous_interrupt_);
    std::signal(SIGTERM, previous_terminate_);
    ended_ = true;
  }

 private:
  using Flag = std::atomic<bool>;  // a signal may arrive in any thread
  static_assert(Flag::is_always_lock_free);
  static Flag& requested() {
    static Flag flag{false};
    return flag;
  }
  static void handle(int signal) {
    requested() = true;
    std::signal(signal, SIG_DFL);
  }

  void (*previous_interrupt_)(int);
  void (*previous_terminate_)(int);
  bool ended_ = false;
};

}  // namespace ferlab::detail
