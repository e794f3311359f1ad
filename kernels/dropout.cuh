// SPDX-License-Identifier: MIT
// Inverted dropout. Nothing is stored: forward and backward both draw. Reads and writes n elements; a Philox block
// (some 70 integer operations) for four.
#pragma once

#include "kernels/dropout.hpp"
#include "kernels/elementwise.cuh"

namespace ferlab::kernels {

/// scale or 0 for each of the N elements from `element` of the batch on, which N divides.
struct DropoutMask {
  ops::StepStream stream;
  std::uint32_t threshold;
  float scale;
  std::ptrdiff_t features;  ///< elements per sample

  DropoutMask(ops::StepStream from, float rate, std::ptrdiff_t features_per_sample)
      : stream(from),
        threshold(std::uint32_t(double(rate) * 4294967296.0)),
        scale(1.0f / (1.0f - rate)),
        features(features_per_sample) {}

  /// The first of the stream's words for the elements from `element` on.
  __device__ std::uint64_t word(std::ptrdiff_t element) const {
    return stream.state->first_sample * std::uint64_t(features) + std::uint64_t(element);
  }
  __device__ float factor(std::uint32_t drawn) const { return drawn >= threshold ? scale : 0.0f; }

  /// Where a piece is of more than one element, samples begin with a block: `features` is a multiple of 4.
  template <int N>
  __device__ Floats<N> at(std::ptrdiff_t element) const {
    static_assert(N == 1 || N % 4 == 0);
    const RandomStream words = stream;
    const std::uint64_t first = word(element);
    Floats<N> factors;
    if constexpr (N == 1) {
      const auto block = words.block(std::uint32_t(first / 4));
      const int k = int(first % 4);  // chosen without an index, which would put the block into memory
      factors.v[0] = factor(k == 0 ? block[0] : k == 1 ? block[1] : k == 2 ? block[2] : block[3]);
    } else {
      for (int i = 0; i < N; i += 4) {
        const auto block = words.block(std::uint32_t((first + unsigned(i)) / 4));
        for (int k = 0; k < 4; ++k) factors.v[i + k] = factor(block[std::size_t(k)]);
      }
    }
    return factors;
  }

  /// The same for any `features`: a batch may begin within a block, and four words lie in two.
  template <int N>
  __device__ Floats<N> at_any(std::ptrdiff_t element) const {
    const std::uint64_t first = word(element);
    const int skip = int(first % 4);
    if (N == 1 || skip == 0) return at<N>(element);
    const RandomStream words = stream;
    auto block = words.block(std::uint32_t(first / 4));
    Floats<N> factors;
    for (int i = 0; i + 4 <= N; i += 4) {
      const auto next = words.block(std::uint32_t(first / 4) + unsigned(i / 4) + 1);
      factors.v[i] = factor(skip == 1 ? block[1] : skip == 2 ? block[2] : block[3]);
      factors.v[i + 1] = factor(skip == 1 ? block[2] : skip == 2 ? block[3] : next[0]);
      factors.v[i + 2] = factor(skip == 1 ? block[3] : skip == 2 ? next[0] : next[1]);
      factors.v[i + 3] = factor(skip == 1 ? next[0] : skip == 2 ? next[1] : next[2]);
      block = next;
    }
    return factors;
  }
};

/// Blocks: do samples begin with a block of random words?
template <class S, bool Blocks>
struct DropoutApply {
  const S* x;
  S* y;
  DropoutMask mask;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    const auto keep = [](float value, float factor) { return factor > 0 ? value * factor : 0.0f; };
    store(y + i, map(keep, load<N>(x + i), Blocks ? mask.template at<N>(i) : mask.template at_any<N>(i)));
  }
};

template <class S>
void run(cudaStream_t stream, const Dropout<S>& op) {
  const DropoutMask mask(op.random, op.rate, op.features);
  if (op.features % 4 == 0)
    elementwise<width_of<S>>(stream, op.count, DropoutApply<S, true>{op.x, op.y, mask});
  else
    elementwise<width_of<S>>(stream, op.count, DropoutApply<S, false>{op.x, op.y, mask});
}

}  // namespace ferlab::kernels
