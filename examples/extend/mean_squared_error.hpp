// SPDX-License-Identifier: MIT
// A loss with an op of its own, in one file outside the library: docs/add-a-loss.md.
#pragma once

#include <ferlab/core/target.hpp>
#include <ferlab/cpu/reductions.hpp>
#include <ferlab/ops/memory.hpp>

namespace mine {

namespace ops = ferlab::ops;

/// A sample's loss is the mean of (y - target)^2 over the outputs. The op adds the losses to the step's sum and counts
/// the samples. dy is the gradient of the mean over the global batch; there is none outside of training.
struct SquaredError {
  static constexpr const char* name = "squared_error";
  ops::Value y, dy;
  ops::Target<ferlab::OutputVector> target;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.y);
    each.writes(op.dy), each.reports();
  }
};

/// As keras.losses.MeanSquaredError. A data set with labels gives one-hot targets, as keras.utils.to_categorical.
struct MeanSquaredError {
  static constexpr const char* name = "mean_squared_error";
  using Target = ferlab::OutputVector;
  using lowers_to = ops::OpTypes<SquaredError>;

  constexpr void lower(auto& g, ops::Value y) const {
    g.run(SquaredError{.y = y, .dy = g.training ? g.gradient(y) : ops::Value{}, .target = {}});
  }
};

template <class T>
void run(const ferlab::Cpu& cpu, const SquaredError& op, const ops::Memory<T>& m) {
  const std::ptrdiff_t outputs = std::ptrdiff_t(op.y.shape.size());
  const T* const y = m[op.y];
  const float* const target = m[op.target];
  T* const dy = m[op.dy];  // nullptr where there is none
  const T scale = T(2) / (T(outputs) * T(m.global_batch));
  m.metrics->loss_sum += ferlab::chunked_sum(cpu, m.size(op.y), 4096, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    double sum = 0;
    for (std::ptrdiff_t i = begin; i < end; ++i) {
      const T error = y[i] - T(target[i]);
      sum += double(error) * double(error);
      if (dy) dy[i] = error * scale;
    }
    return sum / double(outputs);
  });
  m.metrics->seen += m.batch;
}

}  // namespace mine
