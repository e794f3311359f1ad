// SPDX-License-Identifier: MIT
// What an op needs beside its operands stands with its run(): a plan made where that is not included would be another
// one. It is an error instead.
// error: ferlab: this backend has no run() for this op; include the header that has it, or write it
// errors: 1
// gcc: backend_has_op() [with Backend = Cpu; Op = ops::Conv2D
// clang: backend_has_op<Cpu, ops::Conv2D,
#ifdef MISTAKE
#include "ferlab/cpu/context.hpp"
#else
#include "ferlab/cpu/cpu.hpp"
#endif
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/plan.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

using Net = decltype(Sequential{Input<4, 4, 1>{}, Conv2D<2, 3>{}, Flatten{}, Dense<2>{}});
static_assert(inference_bytes_per_sample<Net, Cpu> >= 4 * (4 * 4 * 2 + 2));
