// SPDX-License-Identifier: MIT
// What a run of an op has besides the op: where its operands are, and how many samples the batch has.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <type_traits>

#include "ferlab/ops/flat_weights.hpp"
#include "ferlab/ops/operands.hpp"
#include "ferlab/ops/step_state.hpp"

namespace ferlab::ops {

inline constexpr std::size_t max_moments = 4;

/// T is what weights and statistics are in, V what stands between ops. All pointers are to the backend's memory.
template <class T, class V = T>
class Memory {
 public:
  Memory(int samples, std::span<void* const> tensors, std::span<const float> settings)
      : batch(samples), at_(tensors), settings_(settings) {}

  int batch;  ///< samples of this rank

  V* operator[](Value v) const { return static_cast<V*>(at(v.id)); }
  T* operator[](Weight w) const { return static_cast<T*>(at(w.id)); }
  V* operator[](Gradient g) const { return static_cast<V*>(at(g.id)); }
  T* operator[](Scalars s) const { return static_cast<T*>(at(s.id)); }
  V* operator[](Packed p) const { return static_cast<V*>(at(p.id)); }
  std::uint8_t* operator[](Bytes b) const { return static_cast<std::uint8_t*>(at(b.id)); }
  float operator[](Setting s) const { return settings_[std::size_t(s.id)]; }
  T* operator[](Moment m) const { return moments[std::size_t(m.id)]; }
  /// nullptr where the metric is not wanted.
  double* operator[](MetricSum m) const { return m ? metrics->sums.data() + m.id : nullptr; }
  template <class Kind>
  const typename Kind::Element* operator[](Target<Kind>) const {
    return static_cast<const typename Kind::Element*>(target);
  }

  template <class U>
  U* scratch(Scratch s) const {
    return static_cast<U*>(at(s.id));
  }
  /// A trainable weight array as V: the same memory where V is T.
  const V* rounded(Weight w) const {
    if constexpr (std::is_same_v<T, V>)
      return (*this)[w];
    else
      return w ? flat.rounded + ((*this)[w] - flat.weights) : nullptr;
  }

  /// Elements in the batch; and rows, a pixel each: [rows][channels].
  std::ptrdiff_t size(Value v) const { return std::ptrdiff_t(batch) * std::ptrdiff_t(v.shape.size()); }
  std::ptrdiff_t rows(Value v) const { return std::ptrdiff_t(batch) * v.shape.height * v.shape.width; }
  /// A geometry for this batch.
  template <class Geometry>
  Geometry of(Geometry g) const {
    g.batch = batch;
    return g;
  }
  /// The random numbers that a layer of this number draws in this step.
  StepStream stream(int layer) const { return {state, std::uint32_t(layer)}; }

  // Of a step.
  StepState* state = nullptr;
  StepMetrics* metrics = nullptr;
  int global_batch = batch;               ///< samples of all ranks: what a loss is the mean of
  std::int64_t penalty_samples = batch;   ///< how often the penalties count in the sum of losses
  const float* learning_rates = nullptr;  ///< of the epoch's batches
  const void* target = nullptr;           ///< of this batch's samples
  FlatWeights<T, V> flat{};               ///< all trainable weights
  std::array<T*, max_moments> moments{};  ///< the optimizer's

 private:
  std::span<void* const> at_;
  std::span<const float> settings_;
  void* at(int id) const { return id < 0 ? nullptr : at_[std::size_t(id)]; }
};

/// Can this backend run this op? Found by overload: run(backend, op, memory).
template <class Backend, class Op, class M>
concept HasOp = requires(const Backend& backend, const Op& op, const M& memory) {
  run(backend, op, memory);
};

}  // namespace ferlab::ops
