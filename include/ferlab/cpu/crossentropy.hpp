// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "ferlab/cpu/reductions.hpp"
#include "ferlab/cpu/softmax.hpp"
#include "ferlab/ops/crossentropy.hpp"
#include "ferlab/ops/memory.hpp"

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

/// Adds to the step's sums row_loss(row) over all samples, their number, and to hits (if wanted) how many have their
/// maximum at the label.
template <class T, class RowLoss>
void add_losses(const Cpu& cpu, std::ptrdiff_t rows, int classes, const T* outputs, const std::uint8_t* labels,
                const RowLoss& row_loss, ops::StepMetrics* metrics, double* found) {
  std::array<std::int64_t, max_chunks> hits{};
  const std::ptrdiff_t smallest = 1 + 4096 / classes;
  const std::ptrdiff_t chunk = Chunks(rows, smallest).size;
  metrics->loss_sum += chunked_sum(cpu, rows, smallest, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    double sum = 0;
    for (std::ptrdiff_t r = begin; r < end; ++r) {
      if (found) hits[std::size_t(begin / chunk)] += argmax(outputs + r * classes, classes) == labels[r];
      sum += row_loss(r);
    }
    return sum;
  });
  if (found)
    for (std::int64_t h : hits) *found += double(h);
  metrics->seen += rows;
}

}  // namespace detail

namespace ops {

template <class T>
void run(const Cpu& cpu, const SoftmaxCrossentropy& op, const Memory<T>& m) {
  run(cpu, Softmax{.x = op.logits, .y = op.y}, m);
  const int classes = op.y.shape.channels;
  const T* const probabilities = m[op.y];
  T* const gradient = m[op.dlogits];
  const std::uint8_t* const labels = m[op.target];
  const T label_smoothing = T(m[op.label_smoothing]), gradient_scale = T(1) / T(m.global_batch);
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
  detail::add_losses(cpu, m.batch, classes, probabilities, labels, row_loss, m.metrics, m[op.hits]);
}

template <class T>
void run(const Cpu& cpu, const Crossentropy& op, const Memory<T>& m) {
  const int classes = op.y.shape.channels;
  const T* const outputs = m[op.y];
  T* const gradient = m[op.dy];
  const std::uint8_t* const labels = m[op.target];
  const T label_smoothing = T(m[op.label_smoothing]), gradient_scale = T(1) / T(m.global_batch);
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
  detail::add_losses(cpu, m.batch, classes, outputs, labels, row_loss, m.metrics, nullptr);
}

}  // namespace ops

}  // namespace ferlab
