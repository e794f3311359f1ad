// SPDX-License-Identifier: MIT
// Ctrl-C during training: the first asks for a clean end, the second ends the program as usual.
#pragma once

#include <csignal>

namespace ferlab::detail {

/// While one lives, SIGINT and SIGTERM set a flag instead of ending the program.
class InterruptGuard {
 public:
  InterruptGuard() {
    requested() = 0;
    previous_interrupt_ = std::signal(SIGINT, &handle);
    previous_terminate_ = std::signal(SIGTERM, &handle);
  }
  ~InterruptGuard() {
    std::signal(SIGINT, previous_interrupt_);
    std::signal(SIGTERM, previous_terminate_);
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  static bool interrupted() { return requested() != 0; }

 private:
  static volatile std::sig_atomic_t& requested() {
    static volatile std::sig_atomic_t flag = 0;
    return flag;
  }
  static void handle(int signal) {
    requested() = 1;
    std::signal(signal, SIG_DFL);
  }

  void (*previous_interrupt_)(int);
  void (*previous_terminate_)(int);
};

}  // namespace ferlab::detail
