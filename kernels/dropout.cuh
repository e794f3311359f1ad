// SPDX-License-Identifier: MIT
// Inverted dropout with the mask of ferlab/cpu/dropout.hpp: element i is kept where word i of the layer's stream is at
// least rate * 2^32. Nothing is stored: forward and backward both draw. Reads and writes n elements; a Philox block
// (some 70 integer operations) for four.
#pragma once

#include "kernels/elementwise.cuh"
#include "kernels/step_state.cuh"

namespace ferlab::kernels {

/// scale or 0 for each of the N elements from `element` on, which N divides.
struct DropoutMask {
  StepStream stream;
  std::uint32_t threshold;
  float scale;

  DropoutMask(StepStream from, float rate)
      : stream(from), threshold(std::uint32_t(double(rate) * 4294967296.0)), scale(1.0f / (1.0f - rate)) {}

  template <int N>
  __device__ Floats<N> at(std::ptrdiff_t element) const {
    static_assert(N == 1 || N % 4 == 0);
    const RandomStream words = stream;
    Floats<N> factors;
    if constexpr (N == 1) {
      const auto block = words.block(std::uint32_t(element / 4));
      const int k = int(element % 4);  // chosen without an index, which would put the block into memory
      const std::uint32_t word = k == 0 ? block[0] : k == 1 ? block[1] : k == 2 ? block[2] : block[3];
      factors.v[0] = word >= threshold ? scale : 0.0f;
    } else {
      for (int i = 0; i < N; i += 4) {
        const auto block = words.block(std::uint32_t((element + i) / 4));
        for (int k = 0; k < 4; ++k) factors.v[i + k] = block[std::size_t(k)] >= threshold ? scale : 0.0f;
      }
    }
    return factors;
  }
};

template <class S>
struct DropoutApply {
  const S* x;
  S* y;
  DropoutMask mask;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    const auto keep = [](float value, float factor) { return factor > 0 ? value * factor : 0.0f; };
    store(y + i, map(keep, load<N>(x + i), mask.template at<N>(i)));
  }
};

/// y = x / (1 - rate) where kept, else 0; the backward pass is the same on dy. y may be x.
template <class S>
void dropout(cudaStream_t stream, std::ptrdiff_t n, float rate, const StepStream& random, const S* x, S* y) {
  elementwise<width_of<S>>(stream, n, DropoutApply<S>{x, y, DropoutMask(random, rate)});
}

}  // namespace ferlab::kernels
