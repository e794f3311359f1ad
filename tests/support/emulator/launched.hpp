// SPDX-License-Identifier: MIT
// Which kernels have run: with FERLAB_LAUNCHED=FILE in the environment their names are in that file once the program
// has ended. Names are found where the program exports its symbols (CMake's ENABLE_EXPORTS).
#pragma once

#include <cxxabi.h>
#include <dlfcn.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>

namespace ferlab::emulator {

class Launched {
 public:
  ~Launched() {
    const char* const file = std::getenv("FERLAB_LAUNCHED");
    if (!file) return;
    std::ofstream out(file);
    for (const void* kernel : kernels_) {
      Dl_info found{};
      if (dladdr(kernel, &found) == 0 || found.dli_saddr != kernel) continue;  // one of the test's own
      const std::unique_ptr<char, decltype(&std::free)> name(
          abi::__cxa_demangle(found.dli_sname, nullptr, nullptr, nullptr), &std::free);
      if (name) out << name.get() << '\n';
    }
  }
  void note(const void* kernel) { kernels_.insert(kernel); }

 private:
  std::set<const void*> kernels_;
};

inline Launched launched;

}  // namespace ferlab::emulator
