// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/ops/memory.hpp"
#include "ferlab/ops/softmax.hpp"

namespace ferlab::ops {

template <class T>
void run(const Cpu& cpu, const Softmax& op, const Memory<T>& m) {
  const int classes = op.x.shape.channels;
  const T* const x = m[op.x];
  T* const y = m[op.y];
  cpu.parallel_for(m.batch, 1 + 4096 / classes, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t r = begin; r < end; ++r) {
      const T* in = x + r * classes;
      T* out = y + r * classes;
      T top = in[0];
      for (int k = 1; k < classes; ++k) top = in[k] > top ? in[k] : top;
      double sum = 0;
      for (int k = 0; k < classes; ++k) sum += double(out[k] = std::exp(in[k] - top));
      for (int k = 0; k < classes; ++k) out[k] /= T(sum);
    }
  });
}

template <class T>
void run(const Cpu& cpu, const SoftmaxBackward& op, const Memory<T>& m) {
  const int classes = op.y.shape.channels;
  const T *const y = m[op.y], *const dy = m[op.dy];
  T* const dx = m[op.dx];
  cpu.parallel_for(m.batch, 1 + 16384 / classes, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t r = begin; r < end; ++r) {
      const std::ptrdiff_t row = r * classes;
      double sum = 0;
      for (int k = 0; k < classes; ++k) sum += double(y[row + k]) * double(dy[row + k]);
      for (int k = 0; k < classes; ++k) dx[row + k] = y[row + k] * (dy[row + k] - T(sum));
    }
  });
}

}  // namespace ferlab::ops
