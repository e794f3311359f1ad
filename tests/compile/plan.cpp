// SPDX-License-Identifier: MIT
// The plan is known to the compiler: shapes, parameters, ops and peak memory can all be asserted on.
#include "../../examples/fer2013/nets.hpp"
using namespace ferlab;

using Tutorial = decltype(fer2013::tutorial_net());

using P = Plan<Tutorial, Cpu>;
static_assert(Tutorial::input == Shape{48, 48, 1} && Tutorial::output == Shape{1, 1, 7});

static_assert(P::parameter_count == 5905863);
static_assert(P::parameter_count - P::trainable_count == 3712);
static_assert(P::parameters.entries[2].name == "conv2d_1/kernel" && P::parameters.entries[2].size() == 3 * 3 * 64 * 64);
static_assert(P::parameters.entries.back().name == "dense_3/bias" && P::parameters.entries.back().shape.trainable);

// No two arrays of a buffer overlap, none crosses its end, and each begins where a vector load is aligned.
constexpr bool arrays_are_apart() {
  for (const auto& a : P::parameters.entries) {
    const bool trainable = a.shape.trainable;
    if (a.offset % 16 ||
        a.offset + a.size() > (trainable ? P::parameters.trainable_extent : P::parameters.frozen_extent))
      return false;
    for (const auto& b : P::parameters.entries)
      if (&a != &b && b.shape.trainable == trainable && a.offset < b.offset + b.size() &&
          b.offset < a.offset + a.size())
        return false;
  }
  return true;
}
static_assert(arrays_are_apart());

// The same layers, fused and not: fewer ops.
using Plain = Plan<Tutorial, Unfused<Cpu>>;
static_assert(P::Inference::size.ops == 32 && Plain::Inference::size.ops == 47);
static_assert(P::Training::size.ops == 73 && Plain::Training::size.ops == 133);
static_assert(P::Training::size.sample_bytes <= Plain::Training::size.sample_bytes);

// Inference cannot need less than the two largest neighbours, conv2d and conv2d_1, and needs no more.
constexpr std::size_t image = 46 * 46 * 64 * sizeof(float);
static_assert(P::Inference::size.sample_bytes == 2 * image);
static_assert(inference_bytes_per_sample<Tutorial, Cpu> == 2 * image);
static_assert(Plan<Tutorial, Cpu, double>::Inference::size.sample_bytes == 4 * image);
// Training keeps what backward reads, and reuses the rest.
static_assert(P::Training::size.sample_bytes == 2'798'528);
static_assert(P::Training::size.gradients == P::parameters.trainable_extent && P::Inference::size.gradients == 0);
