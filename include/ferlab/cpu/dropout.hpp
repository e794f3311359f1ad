// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ferlab/core/philox.hpp"
#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"
#include "ferlab/cpu/simd/philox.hpp"
#include "ferlab/ops/dropout.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab {
namespace detail {

/// Calls body.operator()<P>(i, keep) for begin <= i < end; keep is a mask (all bits or none a lane): is word i at least
/// rate * 2^32?
template <class T, class Body>
void for_each_drop(std::ptrdiff_t begin, std::ptrdiff_t end, float rate, const RandomStream& stream, const Body& body) {
  const auto threshold = std::uint32_t(double(rate) * 4294967296.0);
  std::uint32_t words[simd::philox_chunk];
  while (begin < end) {
    const std::ptrdiff_t skip = begin % 4, count = std::min<std::ptrdiff_t>(end - begin, simd::philox_chunk - skip);
    simd::philox_words(stream, std::uint32_t(begin / 4), int(skip + count), words);
    simd::for_each_pack<T>(0, count, [&, at = begin]<class P>(std::ptrdiff_t i) {
      body.template operator()<P>(at + i, simd::at_least<P>(words + skip + i, threshold));
    });
    begin += count;
  }
}

/// y = x / (1 - rate) where kept, else 0, for [batch][features]; y may be x. Words are those of the samples' places in
/// the global batch.
template <class T>
void apply_dropout(const Cpu& cpu, std::ptrdiff_t n, std::ptrdiff_t features, float rate, const ops::StepStream& stream,
                   const T* x, T* y) {
  constexpr std::ptrdiff_t chunk = simd::philox_chunk;
  const std::ptrdiff_t first = std::ptrdiff_t(stream.state->first_sample) * features;
  const T scale = T(1) / (T(1) - T(rate));
  cpu.parallel_for((n + chunk - 1) / chunk, 4, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for_each_drop<T>(first + begin * chunk, first + std::min(n, end * chunk), rate, stream,
                     [=]<class P>(std::ptrdiff_t i, auto keep) {
                       simd::store(y + (i - first), keep ? P(simd::load<P>(x + (i - first)) * scale) : P{});
                     });
  });
}

}  // namespace detail

namespace ops {

template <class T>
void run(const Cpu& cpu, const Dropout& op, const Memory<T>& m) {
  detail::apply_dropout<T>(cpu, m.size(op.x), std::ptrdiff_t(op.x.shape.size()), m[op.rate], m.stream(op.layer),
                           m[op.x], m[op.y]);
}
template <class T>
void run(const Cpu& cpu, const DropoutBackward& op, const Memory<T>& m) {
  detail::apply_dropout<T>(cpu, m.size(op.dy), std::ptrdiff_t(op.dy.shape.size()), m[op.rate], m.stream(op.layer),
                           m[op.dy], m[op.dx]);
}

}  // namespace ops

}  // namespace ferlab
