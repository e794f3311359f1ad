// SPDX-License-Identifier: MIT
// A metric with an op of its own, in one file outside the library: docs/add-a-metric.md.
#pragma once

#include <ferlab/cpu/reductions.hpp>
#include <ferlab/metrics/metric.hpp>
#include <ferlab/ops/memory.hpp>

#include <array>

namespace mine {

namespace ops = ferlab::ops;

/// hits += the number of samples whose label's output is exceeded by fewer than k others. NaN exceeds everything.
struct CountTopK {
  static constexpr const char* name = "count_top_k";
  ops::Value y;
  ops::Target<ferlab::ClassIndex> target;
  ops::MetricSum hits;
  int k = 1;

  static constexpr void operands(auto& op, auto& each) { each.reads(op.y), each.reports(); }
};

/// The share of samples whose label is among the K greatest outputs. As keras.metrics.SparseTopKCategoricalAccuracy.
template <int K>
struct TopKAccuracy {
  static_assert(K >= 1 && K <= 9);
  static constexpr std::array<char, 15> text{'t', 'o', 'p', '_', '0' + K, '_', 'a', 'c', 'c', 'u', 'r', 'a', 'c', 'y'};

  static constexpr const char* name = text.data();  // in progress, history and files: "top_2_accuracy"
  static constexpr bool higher_is_better = true;
  using Target = ferlab::ClassIndex;
  using lowers_to = ops::OpTypes<CountTopK>;

  constexpr void lower(auto& g, ops::Value y, ops::MetricSum sum) const {
    g.run(CountTopK{.y = y, .target = {}, .hits = sum, .k = K});
  }
};

template <class T>
void run(const ferlab::Cpu& cpu, const CountTopK& op, const ops::Memory<T>& m) {
  const int classes = int(op.y.shape.size());
  const T* const outputs = m[op.y];
  const std::uint8_t* const labels = m[op.target];
  *m[op.hits] += ferlab::chunked_sum(cpu, m.batch, 256, [=, k = op.k](std::ptrdiff_t begin, std::ptrdiff_t end) {
    int hits = 0;
    for (std::ptrdiff_t r = begin; r < end; ++r) {
      const T* const row = outputs + r * classes;
      int above = 0;
      for (int c = 0; c < classes; ++c) above += !(row[c] <= row[labels[r]]);
      hits += above < k;
    }
    return hits;
  });
}

}  // namespace mine
