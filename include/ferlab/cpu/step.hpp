// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "ferlab/cpu/context.hpp"
#include "ferlab/ops/memory.hpp"
#include "ferlab/ops/step.hpp"

namespace ferlab::ops {

template <class T>
void run(const Cpu&, const BeginStep&, const Memory<T>& m) {
  m.state->learning_rate = m.learning_rates[m.state->batch];
  m.state->gradient_scale = 1;
  m.state->first_sample = m.state->rank * std::uint64_t(m.batch);
}

template <class T>
void run(const Cpu&, const CheckLoss&, const Memory<T>& m) {
  if (!std::isfinite(m.metrics->loss_sum)) m.state->failed = 1;
}

template <class T>
void run(const Cpu&, const SeedGradient&, const Memory<T>&) {}

template <class T>
void run(const Cpu&, const EndStep&, const Memory<T>& m) {
  if (m.state->failed) return;
  ++m.state->step;
  ++m.state->batch;
}

}  // namespace ferlab::ops
