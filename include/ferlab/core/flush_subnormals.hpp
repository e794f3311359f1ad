// SPDX-License-Identifier: MIT
// Floats that are too small to be normal numbers, below 1.2e-38. A processor may take a hundred times as long for each
// operation on one, and weights that decay come to be such: those of a filter that no image excites, under L2.
#pragma once

#include <cstdint>

namespace ferlab::detail {

/// While one lives, this thread's arithmetic takes subnormal numbers as 0, and gives 0 for them; on x86-64 and aarch64.
class FlushSubnormals {
 public:
  /// Not `wanted`: changes nothing.
  explicit FlushSubnormals(bool wanted = true) : before_(get()) { set(before_ | (wanted ? bits : 0)); }
  ~FlushSubnormals() { set(before_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
#if defined(__x86_64__)
  using Word = unsigned;
  static constexpr Word bits = 0x8040;  // of MXCSR: results, and operands
  static Word get() { return __builtin_ia32_stmxcsr(); }
  static void set(Word word) { __builtin_ia32_ldmxcsr(word); }
#elif defined(__aarch64__)
  using Word = std::uint64_t;
  static constexpr Word bits = std::uint64_t(1) << 24;  // of FPCR
  static Word get() {
    Word word;
    asm volatile("mrs %0, fpcr" : "=r"(word));
    return word;
  }
  static void set(Word word) { asm volatile("msr fpcr, %0" ::"r"(word)); }
#else
  using Word = int;
  static constexpr Word bits = 0;
  static Word get() { return 0; }
  static void set(Word) {}
#endif
  Word before_;
};

}  // namespace ferlab::detail
