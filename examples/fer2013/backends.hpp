// SPDX-License-Identifier: MIT
// What --device and --precision stand for.
#pragma once

#include <ferlab/ferlab.hpp>
#ifdef FERLAB_WITH_CUDA
#include <ferlab/cuda.hpp>
#endif

#include <string>

#include "commands.hpp"

namespace fer2013 {

using namespace ferlab;

inline std::string describe(const Cpu& cpu) { return std::to_string(cpu.threads()) + " threads"; }

#ifdef FERLAB_WITH_CUDA
template <Precision P>
std::string describe(const Cuda<P>&) {
  return std::string("CUDA, ") + (P == Precision::bf16 ? "bf16" : P == Precision::tf32 ? "tf32" : "fp32");
}
#endif

/// use(backend), with the backend that was asked for.
template <class Use>
auto with_backend(const Common& options, const Use& use) {
  if (options.device == "cpu") return use(Cpu{options.threads});
#ifdef FERLAB_WITH_CUDA
  if (options.precision == "bf16") return use(Cuda<Precision::bf16>{});
  if (options.precision == "tf32") return use(Cuda<Precision::tf32>{});
  return use(Cuda<Precision::fp32>{});
#else
  throw BackendError(
      "--device cuda: this program was built without CUDA: there was no nvcc or no cuDNN 9, or FERLAB_CUDA was OFF, "
      "as scripts/fer2013 has it where it sees no device");
#endif
}

}  // namespace fer2013
