// SPDX-License-Identifier: MIT
// The ops of leaky_relu.hpp on a GPU, as the program sees them: an ordinary C++ compiler is enough.
#pragma once

#include <ferlab/cuda/context.hpp>

#include "leaky_relu.hpp"
#include "leaky_relu_kernels.hpp"

namespace mine {

// V is what stands between ops: bfloat16, or float.

template <ferlab::Precision P, class V>
void run(const ferlab::Cuda<P>& cuda, const LeakyReLUForward& op, const ops::Memory<float, V>& m) {
  kernels::run(cuda.stream(),
               kernels::LeakyReLU<V>{.count = m.size(op.x), .slope = m[op.slope], .x = m[op.x], .y = m[op.y]});
}

template <ferlab::Precision P, class V>
void run(const ferlab::Cuda<P>& cuda, const LeakyReLUBackward& op, const ops::Memory<float, V>& m) {
  kernels::run(cuda.stream(),
               kernels::LeakyReLUBackward<V>{
                   .count = m.size(op.y), .slope = m[op.slope], .y = m[op.y], .dy = m[op.dy], .dx = m[op.dx]});
}

}  // namespace mine
