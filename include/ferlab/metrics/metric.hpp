// SPDX-License-Identifier: MIT
// What a metric is: a type that says which op sums it, over the samples of an epoch:
//
// clang-format off
//   static constexpr const char* name             "accuracy": in history, progress, logs and files (and "val_accuracy")
//   static constexpr bool higher_is_better
//   using Target = ...                            what it compares with: see core/target.hpp
//   using lowers_to = ops::OpTypes<...>           the types of op that `lower` names
//   constexpr void lower(auto& g, ops::Value y, ops::MetricSum sum) const
//                                                 appends an op that adds to `sum`
//   static double result(double sum, std::int64_t samples)     (default: sum / samples)
// clang-format on
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "ferlab/core/target.hpp"
#include "ferlab/ops/step_state.hpp"

namespace ferlab {

/// `Metrics{Accuracy{}, TopKAccuracy<2>{}}`: what fit and evaluate measure besides the loss.
template <class... Ms>
struct Metrics {
  static_assert(sizeof...(Ms) <= ops::max_metrics, "ferlab: at most 8 metrics can be measured at once");
  static_assert((std::is_empty_v<Ms> && ...), "ferlab: a metric's numbers are template arguments");
  constexpr Metrics(Ms...) {}
  constexpr Metrics() requires(sizeof...(Ms) > 0) {}
};
template <>
struct Metrics<> {};

/// One of them, when the program runs.
struct MetricInfo {
  const char* name;
  bool higher_is_better;
  const void* type;  ///< no two metrics' are the same
};

namespace detail {

template <class Metric>
inline constexpr char metric_tag = 0;
template <class Metric>
inline constexpr const void* metric_type = &metric_tag<Metric>;

template <class Metric>
constexpr MetricInfo metric_info() {
  return {Metric::name, Metric::higher_is_better, metric_type<Metric>};
}

template <class Metric>
double metric_result(double sum, std::int64_t samples) {
  if constexpr (requires { Metric::result(sum, samples); })
    return Metric::result(sum, samples);
  else
    return sum / double(std::max<std::int64_t>(samples, 1));
}

/// Files and logs hold metrics by name.
template <class... Ms>
constexpr bool distinct_names() {
  const std::array<std::string_view, sizeof...(Ms)> names{Ms::name...};
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (names[i] == names[j]) return false;
  return true;
}

/// The compiler prints the loss and the network's output.
template <class Loss, Shape Output>
constexpr bool loss_fits_output() {
  static_assert(!std::is_same_v<typename Loss::Target, ClassIndex> || Output.is_flat(),
                "ferlab: a loss of class indices takes a flat output; put Flatten or GlobalAveragePool last");
  return true;
}

/// The compiler prints the loss and the metric.
template <class Loss, class Metric>
constexpr bool metric_fits_loss() {
  static_assert(std::is_same_v<typename Loss::Target, typename Metric::Target>,
                "ferlab: this metric takes another kind of target than the loss");
  return true;
}

}  // namespace detail

}  // namespace ferlab
