// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <type_traits>

#include "ferlab/cuda/context.hpp"
#include "ferlab/ops/memory.hpp"
#include "ferlab/ops/penalties.hpp"

namespace ferlab {

namespace cuda {

inline kernels::Penalties penalties_of(std::span<const ops::WeightRange> segments) {
  kernels::Penalties penalties;
  for (const ops::WeightRange& s : segments) {
    if (penalties.count == kernels::Penalties::most)
      throw BackendError("Cuda: weights change their L2 factor more than " + std::to_string(kernels::Penalties::most) +
                         " times from layer to layer");
    penalties.end[penalties.count] = std::ptrdiff_t(s.offset + s.size);
    penalties.l2[penalties.count++] = s.l2;
  }
  return penalties;
}

/// Where an optimizer's new weights go besides: bfloat16's copy of them.
template <class V>
bfloat16* rounded_copy(const ops::FlatWeights<float, V>& w) {
  if constexpr (std::is_same_v<V, bfloat16>)
    return w.rounded;
  else
    return nullptr;
}

}  // namespace cuda

namespace ops {

template <Precision P>
constexpr std::size_t scratch_size(const Cuda<P>*, const AddPenalties&) {
  return sizeof(double) * kernels::reduce_scratch_size();
}
template <Precision P>
constexpr std::size_t scratch_size(const Cuda<P>*, const ClipByGlobalNorm&) {
  return sizeof(double) * kernels::reduce_scratch_size();
}

template <Precision P, class V>
void run(const Cuda<P>& cuda, const AddPenalties& op, const Memory<float, V>& m) {
  const kernels::Penalties penalties = ferlab::cuda::penalties_of(m.flat.segments);
  bool any = false;
  for (int k = 0; k < penalties.count; ++k) any = any || penalties.l2[k] != 0;
  if (any)
    kernels::run(cuda.stream(), kernels::AddPenalties{.count = penalties.end[penalties.count - 1],
                                                      .weights = m.flat.weights,
                                                      .penalties = penalties,
                                                      .samples = m.penalty_samples,
                                                      .metrics = m.metrics,
                                                      .scratch = m.template scratch<double>(op.scratch)});
}
template <Precision P, class V>
void run(const Cuda<P>& cuda, const ClipByGlobalNorm& op, const Memory<float, V>& m) {
  if (!(m[op.clipnorm] > 0)) return;
  kernels::run(cuda.stream(), kernels::ClipByGlobalNorm<V>{.count = std::ptrdiff_t(m.flat.size),
                                                           .weights = m.flat.weights,
                                                           .gradients = m.flat.gradients,
                                                           .penalties = ferlab::cuda::penalties_of(m.flat.segments),
                                                           .clipnorm = m[op.clipnorm],
                                                           .state = m.state,
                                                           .scratch = m.template scratch<double>(op.scratch)});
}

}  // namespace ops

}  // namespace ferlab
