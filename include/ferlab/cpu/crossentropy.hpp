// SPDX-License-Identifier: MIT
// Categorical crossentropy against integer labels, with label smoothing: target = (k == label) * (1 - s) + s / classes.
// As keras.losses.CategoricalCrossentropy.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/reductions.hpp"

namespace ferlab {
namespace detail {

/// Position of the first maximum.
template <class T>
int argmax(const T* x, int n) {
  int best = 0;
  for (int k = 1; k < n; ++k)
    if (x[k] > x[best]) best = k;
  return best;
}

/// The sum of row_loss(row) over all rows, and how many rows have their maximum at the label.
template <class T, class RowLoss>
void sum_rows(const Cpu& cpu, std::ptrdiff_t rows, int classes, const T* outputs, const std::uint8_t* labels,
              const RowLoss& row_loss, double& loss_sum, std::int64_t& correct) {
  std::array<std::int64_t, max_chunks> hits{};
  const std::ptrdiff_t smallest = 1 + 4096 / classes;
  const std::ptrdiff_t chunk = Chunks(rows, smallest).size;
  loss_sum = chunked_sum(cpu, rows, smallest, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    double sum = 0;
    for (std::ptrdiff_t r = begin; r < end; ++r) {
      hits[std::size_t(begin / chunk)] += argmax(outputs + r * classes, classes) == labels[r];
      sum += row_loss(r);
    }
    return sum;
  });
  correct = 0;
  for (std::int64_t h : hits) correct += h;
}

}  // namespace detail

/// For a network that ends in softmax: from its `probabilities` [rows][classes] the sum of the losses, how many rows
/// have their (first) maximum at the label, and dx = (p - target) * gradient_scale, the gradient with respect to the
/// logits (nullptr: not wanted; may be `probabilities`). log(0) is taken as that of the smallest normal number; NaN
/// stays NaN.
template <class T>
void softmax_crossentropy(const Cpu& cpu, std::ptrdiff_t rows, int classes, const T* probabilities,
                          const std::uint8_t* labels, T label_smoothing, T gradient_scale, T* dx, double& loss_sum,
                          std::int64_t& correct) {
  const T off = label_smoothing / T(classes), on = T(1) - label_smoothing + off;
  const auto row_loss = [=](std::ptrdiff_t r) {
    const T* p = probabilities + r * classes;
    const auto log_of = [p](int k) {
      return std::log(double(p[k] < std::numeric_limits<T>::min() ? std::numeric_limits<T>::min() : p[k]));
    };
    double loss = 0;
    for (int k = 0; k < classes; ++k) {
      const T target = k == labels[r] ? on : off;
      if (target != 0) loss -= double(target) * log_of(k);
      if (dx) dx[r * classes + k] = (p[k] - target) * gradient_scale;
    }
    return loss;
  };
  detail::sum_rows(cpu, rows, classes, probabilities, labels, row_loss, loss_sum, correct);
}

/// For any other network: each row of `outputs` is divided by its sum, then clipped to [1e-7, 1 - 1e-7]; the gradient
/// through a clipped value is zero. `gradient` is with respect to the outputs (nullptr: not wanted).
template <class T>
void categorical_crossentropy(const Cpu& cpu, std::ptrdiff_t rows, int classes, const T* outputs,
                              const std::uint8_t* labels, T label_smoothing, T gradient_scale, T* gradient,
                              double& loss_sum, std::int64_t& correct) {
  const T off = label_smoothing / T(classes), on = T(1) - label_smoothing + off;
  const T low = T(1e-7), high = T(1) - low;
  const auto row_loss = [=](std::ptrdiff_t r) {
    const T* p = outputs + r * classes;
    T sum = 0;
    for (int k = 0; k < classes; ++k) sum += p[k];
    double loss = 0;
    T through_sum = 0;  // sum of dL/dq * q: what the division by the sum passes back
    for (int k = 0; k < classes; ++k) {
      const T target = k == labels[r] ? on : off, q = p[k] / sum;
      const bool inside = !(q < low || q > high);
      loss -= double(target) * std::log(double(inside ? q : q < low ? low : high));
      if (inside) through_sum -= target;
    }
    for (int k = 0; gradient && k < classes; ++k) {
      const T target = k == labels[r] ? on : off, q = p[k] / sum;
      const T dq = q < low || q > high ? T(0) : -target / q;
      gradient[r * classes + k] = (dq - through_sum) / sum * gradient_scale;
    }
    return loss;
  };
  detail::sum_rows(cpu, rows, classes, outputs, labels, row_loss, loss_sum, correct);
}

}  // namespace ferlab
