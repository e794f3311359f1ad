// SPDX-License-Identifier: MIT
// What both ways to run a block share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <tuple>

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

/// The order in which threads run: 0 as they are numbered, each warp as far as it can, 1 the same from the last to the
/// first, others shuffled by this seed.
inline thread_local unsigned schedule = 0;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
using Bytes = std::unique_ptr<unsigned char, Free>;

/// Memory of exact size, full of NaN.
inline Bytes poisoned(std::size_t bytes) {
  Bytes memory(static_cast<unsigned char*>(std::malloc(bytes > 0 ? bytes : 1)));
  std::memset(memory.get(), 0xff, bytes);
  return memory;
}

inline bool within(const void* from, std::size_t bytes, const Bytes& memory, std::size_t size) {
  const auto begin = reinterpret_cast<std::uintptr_t>(from), first = reinterpret_cast<std::uintptr_t>(memory.get());
  return begin >= first && begin + bytes <= first + size;
}

/// The shared memory of one block: a piece for each place in the source.
class SharedMemory {
 public:
  template <class T, std::size_t N>
  auto& piece(const Place& place) {
    Bytes& memory = pieces_[{place.file, place.line, sizeof(T), N}];
    if (!memory) memory = poisoned(sizeof(T) * N);
    return *reinterpret_cast<T(*)[N]>(memory.get());
  }
  bool has(const void* from, std::size_t bytes) const {
    for (const auto& [key, memory] : pieces_)
      if (within(from, bytes, memory, std::get<2>(key) * std::get<3>(key))) return true;
    return false;
  }
  void clear() { pieces_.clear(); }

 private:
  using Key = std::tuple<const char*, unsigned, std::size_t, std::size_t>;
  std::map<Key, Bytes> pieces_;
};

}  // namespace ferlab::emulator
