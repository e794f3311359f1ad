// SPDX-License-Identifier: MIT
// Copies that are under way while their thread goes on (cp.async of the PTX ISA). Bytes arrive when the thread that
// copies waits for them, no sooner: until then what they overwrite is NaN. Others see them after a barrier behind that.
#pragma once

#include <cstring>
#include <unordered_map>
#include <vector>

#include "support/emulator/types.hpp"

namespace ferlab::emulator {

/// The copies of one thread.
class Copies {
 public:
  void start(void* to, const void* from, bool wanted, const Place& place) {
    Copy copy{to, {}, groups_, place};
    if (wanted) std::memcpy(copy.bytes, from, sizeof copy.bytes);
    std::memset(to, 0xff, sizeof copy.bytes);
    under_way_.push_back(copy);
  }
  void end_group() { ++groups_; }
  /// All arrive but the newest `pending` groups, and what belongs to no group yet; arrived(where) for each.
  template <class Arrived>
  void wait(unsigned pending, const Arrived& arrived) {
    std::size_t n = 0;
    for (; n < under_way_.size() && under_way_[n].group + pending < groups_; ++n) {
      std::memcpy(under_way_[n].to, under_way_[n].bytes, sizeof(Copy::bytes));
      arrived(under_way_[n].to);
    }
    under_way_.erase(under_way_.begin(), under_way_.begin() + std::ptrdiff_t(n));
  }
  void thread_ends() {
    if (!under_way_.empty()) fail("a thread ended and never waited for a copy that began", under_way_.front().place);
    groups_ = 0;
  }

 private:
  struct Copy {
    void* to;
    unsigned char bytes[16];
    unsigned group;  // how many had ended when it began
    Place place;
  };
  std::vector<Copy> under_way_;
  unsigned groups_ = 0;
};

/// What ldmatrix and cp.async have done to each 16 bytes of a block's shared memory, so that a missing barrier is found
/// in whatever order the threads run. `now` is the number of barriers that the block has passed.
class CopiedMemory {
 public:
  void copy_begins(const void* to, unsigned thread, unsigned now, const Place& place) {
    Chunk& chunk = chunks_[to];
    if (chunk.under_way) fail("a copy overwrites what another copy is still to write", place);
    if (chunk.arrived_at == now && chunk.writer != thread)
      fail("a copy overwrites what another thread has copied, with no barrier between", place);
    if (chunk.read_at == now && (chunk.readers & ~(1u << thread / 32)) != 0)
      fail("a copy overwrites what another warp has read, with no barrier between", place);
    chunk.under_way = true;
  }
  void copy_arrives(const void* to, unsigned thread, unsigned now) {
    Chunk& chunk = chunks_[to];
    chunk.under_way = false;
    chunk.arrived_at = now;
    chunk.writer = thread;
  }
  void warp_reads(const void* from, unsigned warp, unsigned now, const Place& place) {
    Chunk& chunk = chunks_[from];
    if (chunk.under_way) fail("a matrix is read while a copy to it is under way", place);
    if (chunk.arrived_at == now) fail("a matrix is read with no barrier since threads waited for its copies", place);
    if (chunk.read_at != now) chunk.readers = 0;
    chunk.read_at = now;
    chunk.readers |= 1u << warp;
  }
  void clear() { chunks_.clear(); }

 private:
  static constexpr unsigned never = ~0u;
  struct Chunk {
    bool under_way = false;
    unsigned arrived_at = never, writer = 0;
    unsigned read_at = never, readers = 0;  // a bit for each warp
  };
  std::unordered_map<const void*, Chunk> chunks_;
};

}  // namespace ferlab::emulator
