// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/cuda/penalties.hpp"
#include "ferlab/ops/memory.hpp"
#include "ferlab/ops/sgd.hpp"

namespace ferlab::ops {

template <Precision P, class V>
void run(const Cuda<P>& cuda, const SGD& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::SGD<V>{.count = std::ptrdiff_t(m.flat.size),
                                              .weights = m.flat.weights,
                                              .gradients = m.flat.gradients,
                                              .copy = ferlab::cuda::rounded_copy(m.flat),
                                              .velocity = m[op.velocity],
                                              .momentum = m[op.momentum],
                                              .nesterov = m[op.nesterov] != 0,
                                              .weight_decay = m[op.weight_decay],
                                              .penalties = ferlab::cuda::penalties_of(m.flat.segments),
                                              .state = m.state});
}

}  // namespace ferlab::ops
