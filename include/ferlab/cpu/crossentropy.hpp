// SPDX-License-Identifier: MIT
// Categorical crossentropy against integer labels, with label smoothing: target = (k == label) * (1 - s) + s / classes.
// As keras.losses.CategoricalCrossentropy.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "ferlab/core/backend.hpp"
#include "ferlab/core/step_state.hpp"
#include "ferlab/cpu/reductions.hpp"
#include "ferlab/cpu/softmax.hpp"

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

/// Adds to `metrics` the sum of row_loss(row) over all rows, their number, and how many have their maximum at the
/// label.
template <class T, class RowLoss>
void add_rows(const Cpu& cpu, std::ptrdiff_t rows, int classes, const T* outputs, const std::uint8_t* labels,
              const RowLoss& row_loss, StepMetrics* metrics) {
  std::array<std::int64_t, max_chunks> hits{};
  const std::ptrdiff_t smallest = 1 + 4096 / classes;
  const std::ptrdiff_t chunk = Chunks(rows, smallest).size;
  metrics->loss_sum += chunked_sum(cpu, rows, smallest, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    double sum = 0;
    for (std::ptrdiff_t r = begin; r < end; ++r) {
      hits[std::size_t(begin / chunk)] += argmax(outputs + r * classes, classes) == labels[r];
      sum += row_loss(r);
    }
    return sum;
  });
  for (std::int64_t h : hits) metrics->correct += h;
  metrics->seen += rows;
}

}  // namespace detail

/// T of scratch that the functions below need for so many rows.
constexpr std::size_t crossentropy_scratch_size(On<Cpu>, std::ptrdiff_t /*rows*/) { return 0; }

/// The loss of logits [rows][classes] under softmax, together with it: adds the rows' losses, hits and number to
/// `metrics`. probabilities = softmax of the logits (may be their memory), gradient = (probability - target) *
/// gradient_scale with respect to the logits (nullptr: not wanted). Probabilities below the smallest normal number
/// count as that.
template <class T>
void softmax_crossentropy(const Cpu& cpu, std::ptrdiff_t rows, int classes, const T* logits, const std::uint8_t* labels,
                          T label_smoothing, T gradient_scale, T* probabilities, T* gradient, StepMetrics* metrics,
                          T* /*scratch*/) {
  softmax_forward(cpu, rows, classes, logits, probabilities);
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
      if (gradient) gradient[r * classes + k] = (p[k] - target) * gradient_scale;
    }
    return loss;
  };
  detail::add_rows(cpu, rows, classes, probabilities, labels, row_loss, metrics);
}

/// For any other network: each row of `outputs` is divided by its sum, then clipped to [1e-7, 1 - 1e-7]; the gradient
/// through a clipped value is zero. `gradient` is with respect to the outputs (nullptr: not wanted).
template <class T>
void categorical_crossentropy(const Cpu& cpu, std::ptrdiff_t rows, int classes, const T* outputs,
                              const std::uint8_t* labels, T label_smoothing, T gradient_scale, T* gradient,
                              StepMetrics* metrics, T* /*scratch*/) {
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
  detail::add_rows(cpu, rows, classes, outputs, labels, row_loss, metrics);
}

}  // namespace ferlab
