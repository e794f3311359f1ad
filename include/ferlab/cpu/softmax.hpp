// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include "ferlab/cpu/context.hpp"

namespace ferlab {

/// y = exp(x - max) / sum of exp(x - max) for each row of `classes`. y may be x.
template <class T>
void softmax_forward(const Cpu& cpu, std::ptrdiff_t rows, int classes, const T* x, T* y) {
  cpu.parallel_for(rows, 1 + 4096 / classes, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
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

/// dx = y * (dy - sum of y * dy) for each row. dx may be dy.
template <class T>
void softmax_backward(const Cpu& cpu, std::ptrdiff_t rows, int classes, const T* y, const T* dy, T* dx) {
  cpu.parallel_for(rows, 1 + 16384 / classes, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t r = begin; r < end; ++r) {
      const std::ptrdiff_t row = r * classes;
      double sum = 0;
      for (int k = 0; k < classes; ++k) sum += double(y[row + k]) * double(dy[row + k]);
      for (int k = 0; k < classes; ++k) dx[row + k] = y[row + k] * (dy[row + k] - T(sum));
    }
  });
}

}  // namespace ferlab
