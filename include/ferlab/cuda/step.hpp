// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/memory.hpp"
#include "ferlab/ops/step.hpp"

namespace ferlab::ops {

template <Precision P, class V>
void run(const Cuda<P>& cuda, const BeginStep&, const Memory<float, V>& m) {
  kernels::run(cuda.stream(),
               kernels::BeginStep{.samples = m.batch, .state = m.state, .learning_rates = m.learning_rates});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const CheckLoss&, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::CheckLoss{.metrics = m.metrics, .state = m.state});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const EndStep&, const Memory<float, V>& m) {
  kernels::run(cuda.stream(), kernels::EndStep{.state = m.state});
}
template <Precision P, class V>
void run(const Cuda<P>&, const SeedGradient&, const Memory<float, V>&) {}

}  // namespace ferlab::ops
