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

namespace ferlab {

FERLAB_CPU_OP void relu_forward(const Cpu&, std::ptrdiff_t, const float*, float*);
FERLAB_CPU_OP void relu_backward(const Cpu&, std::ptrdiff_t, const float*, const float*, float*);
FERLAB_CPU_OP void dropout_forward(const Cpu&, int, std::ptrdiff_t, float, const RandomStream&, const float*, float*);
FERLAB_CPU_OP void average_pool_forward(const Cpu&, const Pool2DGeometry&, const float*, float*);
FERLAB_CPU_OP void average_pool_backward(const Cpu&, const Pool2DGeometry&, const float*, float*);
FERLAB_CPU_OP void max_pool_forward(const Cpu&, const Pool2DGeometry&, const float*, float*, std::uint8_t*);
FERLAB_CPU_OP void max_pool_backward(const Cpu&, const Pool2DGeometry&, const float*, const std::uint8_t*, float*);
FERLAB_CPU_OP void batch_norm_max_pool_dropout_forward_training(const Cpu&, const Pool2DGeometry&, const float*,
                                                                const float*, const float*, const float*, const float*,
                                                                float, const RandomStream&, float*, std::uint8_t*,
                                                                float*);
FERLAB_CPU_OP void batch_norm_max_pool_dropout_backward(const Cpu&, const Pool2DGeometry&, const float*, const float*,
                                                        const float*, const float*, const float*, float,
                                                        const RandomStream&, const std::uint8_t*, float*, float*,
                                                        float*, float*, float*);
FERLAB_CPU_OP void batch_norm_max_pool_inference(const Cpu&, const Pool2DGeometry&, const float*, const float*,
                                                 const float*, const float*, const float*, float, float*);

}  // namespace ferlab
