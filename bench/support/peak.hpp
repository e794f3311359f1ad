// SPDX-License-Identifier: MIT
// What the machine can do at most, measured in the same run: the floating-point rate of a loop that lives in registers.
// (memory_bound.cpp measures the speed of copying.)
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/simd/isa.hpp"

namespace bench {

// Twelve independent sums hide the latency of a multiply-add: four cycles, two a cycle. The empty asm keeps the sums in
// registers and the compiler from thinking the loop through.
#define FERLAB_BENCH_PEAK(name, target_attribute, bytes)                              \
  target_attribute inline double name(std::int64_t rounds) {                          \
    typedef float V __attribute__((vector_size(bytes)));                              \
    V a = {}, b = {}, c = {}, d = {}, e = {}, f = {}, g = {}, h = {}, i = {}, j = {}; \
    V k = {}, l = {}, x = a + 0.5f, y = a + 0.25f;                                    \
    for (; rounds > 0; --rounds) {                                                    \
      a = a * x + y, b = b * x + y, c = c * x + y, d = d * x + y, e = e * x + y;      \
      f = f * x + y, g = g * x + y, h = h * x + y, i = i * x + y, j = j * x + y;      \
      k = k * x + y, l = l * x + y;                                                   \
      asm volatile("" : "+x"(a), "+x"(b), "+x"(c), "+x"(d), "+x"(e), "+x"(f));        \
      asm volatile("" : "+x"(g), "+x"(h), "+x"(i), "+x"(j), "+x"(k), "+x"(l));        \
    }                                                                                 \
    return double((a + b + c + d + e + f + g + h + i + j + k + l)[0]);                \
  }
#if defined(__x86_64__)
FERLAB_BENCH_PEAK(peak_portable, , 16)
FERLAB_BENCH_PEAK(peak_avx2, __attribute__((target("avx2,fma"))), 32)
FERLAB_BENCH_PEAK(peak_avx512, __attribute__((target("avx512f"))), 64)
#endif
#undef FERLAB_BENCH_PEAK

/// Floating-point operations a second in float on so many threads, the best of ten; 0 where it is not known how.
inline double peak_flops(int threads) {
  static std::map<int, double> known;
  double& best = known[threads];
  if (best > 0) return best;
#if defined(__x86_64__)
  const ferlab::Isa isa = ferlab::best_isa();
  const int lanes = isa == ferlab::Isa::avx512 ? 16 : isa == ferlab::Isa::avx2 ? 8 : 4;
  constexpr std::int64_t rounds = 2'000'000;
  const ferlab::Cpu cpu(threads);
  for (int i = 0; i < 10; ++i) {
    const auto start = std::chrono::steady_clock::now();
    cpu.parallel_for(threads, 1, [&](std::ptrdiff_t, std::ptrdiff_t) {
      volatile double sink = isa == ferlab::Isa::avx512 ? peak_avx512(rounds)
                             : isa == ferlab::Isa::avx2 ? peak_avx2(rounds)
                                                        : peak_portable(rounds);
      (void)sink;
    });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, 2.0 * 12 * lanes * double(rounds) * threads / seconds.count());
  }
#endif
  return best;
}

}  // namespace bench
