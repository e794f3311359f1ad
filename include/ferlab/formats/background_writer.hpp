// SPDX-License-Identifier: MIT
// Writing files while the program goes on with something else.
#pragma once

#include <atomic>
#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "ferlab/core/error.hpp"

namespace ferlab::formats {

/// Runs one write at a time in a thread of its own. Each begins when the one before has ended well, so what a file says
/// of files that were written before it is true. For one calling thread.
class BackgroundWriter {
 public:
  BackgroundWriter() = default;
  /// Waits for the write that is running. What it throws is lost: call finish() before.
  ~BackgroundWriter() { join(); }
  BackgroundWriter(const BackgroundWriter&) = delete;
  BackgroundWriter& operator=(const BackgroundWriter&) = delete;

  /// Has a thread call `write()`, which owns what it needs, and returns at once; but if the write before is still
  /// running, waits for it. Throws what that one has thrown, or IoError where no thread can be had; then `write` is not
  /// called.
  template <class Write>
  void start(Write write) {
    finish();
    ended_.store(false, std::memory_order_relaxed);
    try {
      thread_ = std::thread([this, write = std::move(write)]() mutable {
        try {
          Write(std::move(write))();  // what it owns is freed here too
        } catch (...) {
          error_ = std::current_exception();
        }
        ended_.store(true, std::memory_order_release);
      });
    } catch (const std::system_error& error) {
      ended_.store(true, std::memory_order_relaxed);
      throw IoError(std::string("cannot start a thread to write a file: ") + error.what());
    }
  }

  /// Throws what the last write has thrown, once, if it has ended. Waits for nothing.
  void check() {
    if (ended_.load(std::memory_order_acquire)) finish();
  }

  /// Waits until the last write has ended; throws what it has thrown, once.
  void finish() {
    join();
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  std::thread thread_;
  std::exception_ptr error_;
  std::atomic<bool> ended_{true};

  void join() {
    if (thread_.joinable()) thread_.join();
  }
};

}  // namespace ferlab::formats
