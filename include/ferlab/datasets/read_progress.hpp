// SPDX-License-Identifier: MIT
// How far a reader is.
#pragma once

#include <time.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>

namespace ferlab::datasets::detail {

/// A bar on standard error, if that is a terminal, once `patience` seconds have passed; gone when done.
class ReadProgress {
 public:
  ReadProgress(std::string name, bool wanted, double patience = 1)
      : name_(std::move(name)), wanted_(wanted && ::isatty(2)), patience_(patience) {}
  ReadProgress(const ReadProgress&) = delete;
  ReadProgress& operator=(const ReadProgress&) = delete;
  ~ReadProgress() {
    if (shown_ >= 0) std::fputs("\r\033[K", stderr);
  }
  void operator()(std::size_t done, std::size_t total) const {
    const int percent = int(100 * done / total);
    if (!wanted_ || percent == shown_ || seconds() - start_ < patience_) return;
    shown_ = percent;
    const std::string bar(std::size_t(percent / 4), '=');
    std::fprintf(stderr, "\r%s [%-25s] %3d %%", name_.c_str(), bar.c_str(), percent);
  }

 private:
  static double seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
  }
  std::string name_;
  bool wanted_;
  double patience_, start_ = seconds();
  mutable int shown_ = -1;
};

}  // namespace ferlab::datasets::detail
