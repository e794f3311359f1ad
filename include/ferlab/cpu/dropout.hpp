// SPDX-License-Identifier: MIT
// Srivastava et al., "Dropout", 2014, in the inverted form: what is kept is multiplied by 1 / (1 - rate).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ferlab/core/philox.hpp"
#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"
#include "ferlab/cpu/simd/philox.hpp"

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

}  // namespace detail

/// y = x / (1 - rate) where word sample * features + i of `stream` is at least rate * 2^32, else 0; x:
/// [batch][features], 0 <= rate < 1. y may be x.
template <class T>
void dropout_forward(const Cpu& cpu, int batch, std::ptrdiff_t features, float rate, const RandomStream& stream,
                     const T* x, T* y) {
  const std::ptrdiff_t n = batch * features;
  constexpr std::ptrdiff_t chunk = simd::philox_chunk;
  const T scale = T(1) / (T(1) - T(rate));
  cpu.parallel_for((n + chunk - 1) / chunk, 4, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    detail::for_each_drop<T>(begin * chunk, std::min(n, end * chunk), rate, stream,
                             [=]<class P>(std::ptrdiff_t i, auto keep) {
                               simd::store(y + i, keep ? P(simd::load<P>(x + i) * scale) : P{});
                             });
  });
}

/// dx from dy with the mask of the forward pass. dx may be dy.
template <class T>
void dropout_backward(const Cpu& cpu, int batch, std::ptrdiff_t features, float rate, const RandomStream& stream,
                      const T* dy, T* dx) {
  dropout_forward(cpu, batch, features, rate, stream, dy, dx);
}

}  // namespace ferlab
