// SPDX-License-Identifier: MIT
// The CPU's ops that kernels are compared with and whose vector code nvcc 13.0 cannot compile ("unsupported aggregate
// constant"): nvcc only sees that they are there, cpu_ops.cpp makes them with the ordinary compiler.
#pragma once

#include "ferlab/cpu/average_pool.hpp"
#include "ferlab/cpu/batch_norm_max_pool_dropout.hpp"
#include "ferlab/cpu/dropout.hpp"
#include "ferlab/cpu/max_pool.hpp"
#include "ferlab/cpu/relu.hpp"

#if !defined(FERLAB_CPU_OP)
#define FERLAB_CPU_OP extern template
#endif

namespace ferlab::ops {

FERLAB_CPU_OP void run(const Cpu&, const ReLU&, const Memory<float>&);
FERLAB_CPU_OP void run(const Cpu&, const ReLUBackward&, const Memory<float>&);
FERLAB_CPU_OP void run(const Cpu&, const Dropout&, const Memory<float>&);
FERLAB_CPU_OP void run(const Cpu&, const DropoutBackward&, const Memory<float>&);
FERLAB_CPU_OP void run(const Cpu&, const AveragePool&, const Memory<float>&);
FERLAB_CPU_OP void run(const Cpu&, const AveragePoolBackward&, const Memory<float>&);
FERLAB_CPU_OP void run(const Cpu&, const MaxPool&, const Memory<float>&);
FERLAB_CPU_OP void run(const Cpu&, const MaxPoolBackward&, const Memory<float>&);
FERLAB_CPU_OP void run(const Cpu&, const BatchNormMaxPoolDropout&, const Memory<float>&);
FERLAB_CPU_OP void run(const Cpu&, const BatchNormMaxPoolDropoutBackward&, const Memory<float>&);
FERLAB_CPU_OP void run(const Cpu&, const BatchNormMaxPoolInference&, const Memory<float>&);

}  // namespace ferlab::ops
