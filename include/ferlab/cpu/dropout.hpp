// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "ferlab/core/philox.hpp"
#include "ferlab/cpu/context.hpp"

namespace ferlab {

/// A value is kept when its random word is at least this.
inline std::uint32_t dropout_threshold(float rate) { return std::uint32_t(double(rate) * 4294967296.0); }

/// y = x / (1 - rate) where word sample * features + i of `stream` is at least rate * 2^32, else 0; x:
/// [batch][features], 0 <= rate < 1. y may be x.
template <class T>
void dropout_forward(const Cpu& cpu, int batch, std::ptrdiff_t features, float rate, const RandomStream& stream,
                     const T* x, T* y) {
  const std::ptrdiff_t n = batch * features;
  const std::uint32_t threshold = dropout_threshold(rate);
  const T scale = T(1) / (T(1) - T(rate));
  cpu.parallel_for((n + 3) / 4, 4096, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t block = begin; block < end; ++block) {
      const auto words = stream.block(std::uint32_t(block));
      const std::ptrdiff_t count = std::min<std::ptrdiff_t>(4, n - 4 * block);
      for (std::ptrdiff_t i = 0; i < count; ++i)
        y[4 * block + i] = words[std::size_t(i)] >= threshold ? x[4 * block + i] * scale : T(0);
    }
  });
}

/// dx from dy with the mask of the forward pass. dx may be dy.
template <class T>
void dropout_backward(const Cpu& cpu, int batch, std::ptrdiff_t features, float rate, const RandomStream& stream,
                      const T* dy, T* dx) {
  dropout_forward(cpu, batch, features, rate, stream, dy, dx);
}

}  // namespace ferlab
