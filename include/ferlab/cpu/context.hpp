// SPDX-License-Identifier: MIT
// The CPU backend: its threads, and its memory. The ops stand beside this file, one a file.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>

#include "ferlab/core/error.hpp"
#include "ferlab/cpu/aligned_buffer.hpp"
#include "ferlab/cpu/thread_pool.hpp"
#include "ferlab/ops/rewrites.hpp"

namespace ferlab {

/// Cpu{} uses every core, Cpu{2} two threads. Copies share their threads. Results do not depend on the number of
/// threads.
class Cpu {
 public:
  template <class T>
  using Buffer = detail::AlignedBuffer<T>;
  template <class T>
  using HostBuffer = detail::AlignedBuffer<T>;
  template <class T>
  using Element = T;
  static constexpr bool in_host_memory = true;
  static constexpr auto rewrites = ops::rewrites::all;

  /// Throws ArgumentError for a negative number or more than 1024.
  explicit Cpu(int threads = 0) : pool_(std::make_shared<detail::ThreadPool>(resolve(threads))) {}

  int threads() const { return pool_->threads(); }

  /// body(begin, end) for contiguous pieces of 0 .. count - 1, in parallel; no piece but the only one is shorter than
  /// `grain`. Runs as one piece where that is all there is to share, or where the threads are busy with another
  /// caller's loop: any number of threads may use one Cpu. Allocates nothing; body must not throw.
  template <class Body>
  void parallel_for(std::ptrdiff_t count, std::ptrdiff_t grain, Body&& body) const {
    const std::ptrdiff_t most = threads() > 1 ? 4 * threads() : 1;  // more than threads: a slow one takes fewer
    const auto pieces = std::min(most, count / std::max<std::ptrdiff_t>(grain, 1));
    struct Loop {
      std::remove_reference_t<Body>& body;
      std::ptrdiff_t count, pieces;
    } loop{body, count, pieces};
    const auto run_piece = [](void* context, int i) {
      const Loop& l = *static_cast<Loop*>(context);
      l.body(l.count * i / l.pieces, l.count * (i + 1) / l.pieces);
    };
    if (pieces > 1 && pool_->run(int(pieces), run_piece, &loop)) return;
    if (count > 0) body(std::ptrdiff_t(0), count);
  }

 private:
  static int resolve(int threads) {
    if (threads < 0 || threads > 1024)
      throw ArgumentError("Cpu: expected 0 (all cores) to 1024 threads, got " + std::to_string(threads));
    return threads > 0 ? threads : int(std::max(1u, std::thread::hardware_concurrency()));
  }

  std::shared_ptr<detail::ThreadPool> pool_;
};

}  // namespace ferlab
