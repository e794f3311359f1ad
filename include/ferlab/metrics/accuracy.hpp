// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/metrics/metric.hpp"
#include "ferlab/ops/accuracy.hpp"

namespace ferlab {

/// The share of samples whose greatest output is their label's. As keras.metrics.SparseCategoricalAccuracy.
struct Accuracy {
  static constexpr const char* name = "accuracy";
  static constexpr bool higher_is_better = true;
  using Target = ClassIndex;
  using lowers_to = ops::OpTypes<ops::Accuracy>;

  constexpr void lower(auto& g, ops::Value y, ops::MetricSum sum) const {
    g.run(ops::Accuracy{.y = y, .target = {}, .hits = sum});
  }
};

}  // namespace ferlab
