// SPDX-License-Identifier: MIT
// Which vector instructions this machine has; asked once, at run time, so that a program needs no -march flags.
#pragma once

#include <cstdlib>
#include <cstring>

namespace ferlab {

enum class Isa { portable, avx2, avx512 };

/// The widest the machine offers, or less where the environment variable FERLAB_ISA says portable or avx2.
inline Isa best_isa() {
  static const Isa isa = [] {
    Isa found = Isa::portable;
#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found = Isa::avx2;
    if (found == Isa::avx2 && __builtin_cpu_supports("avx512f")) found = Isa::avx512;
#endif
    const char* limit = std::getenv("FERLAB_ISA");
    if (limit && std::strcmp(limit, "portable") == 0) found = Isa::portable;
    if (limit && std::strcmp(limit, "avx2") == 0 && found == Isa::avx512) found = Isa::avx2;
    return found;
  }();
  return isa;
}

}  // namespace ferlab
