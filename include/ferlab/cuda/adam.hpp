// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/cuda/penalties.hpp"
#include "ferlab/ops/adam.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::ops {

template <Precision P, class V>
void run(const Cuda<P>& cuda, const AdamStepSize& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::AdamStepSize{.state = m.state, .beta_1 = m[op.beta_1], .beta_2 = m[op.beta_2]});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const Adam& op, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::Adam<V>{.count = std::ptrdiff_t(m.flat.size),
                                               .weights = m.flat.weights,
                                               .gradients = m.flat.gradients,
                                               .copy = ferlab::cuda::rounded_copy(m.flat),
                                               .momentum = m[op.momentum],
                                               .velocity = m[op.velocity],
                                               .beta_1 = m[op.beta_1],
                                               .beta_2 = m[op.beta_2],
                                               .epsilon = m[op.epsilon],
                                               .weight_decay = m[op.weight_decay],
                                               .penalties = ferlab::cuda::penalties_of(m.flat.segments),
                                               .state = m.state});
}

}  // namespace ferlab::ops
