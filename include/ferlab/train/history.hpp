// SPDX-License-Identifier: MIT
// What training measured, epoch by epoch.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/metrics/accuracy.hpp"
#include "ferlab/metrics/metric.hpp"

namespace ferlab {

namespace detail {

inline constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<double, ops::max_metrics> no_metrics() {
  std::array<double, ops::max_metrics> none{};
  for (double& value : none) value = not_measured;
  return none;
}

/// "val_accuracy"
template <class Metric>
inline constexpr auto validation_name = [] {
  constexpr std::string_view prefix = "val_", name = Metric::name;
  std::array<char, prefix.size() + name.size() + 1> text{};
  std::size_t length = 0;
  for (char c : prefix) text[length++] = c;
  for (char c : name) text[length++] = c;
  return text;
}();

}  // namespace detail

/// A measured number that a callback can watch. A typed constant: a misspelt one does not compile.
struct Monitor {
  const char* name;              ///< "val_accuracy"
  const void* metric = nullptr;  ///< MetricInfo::type; nullptr: the loss
  bool higher_is_better = false;
  bool needs_validation = false;
};

/// The monitor of a metric on the validation data: `.monitor = val(Accuracy{})`.
template <class Metric>
constexpr Monitor val(const Metric&) {
  return {detail::validation_name<Metric>.data(), detail::metric_type<Metric>, Metric::higher_is_better, true};
}
/// The same on the training data.
template <class Metric>
constexpr Monitor training(const Metric&) {
  return {Metric::name, detail::metric_type<Metric>, Metric::higher_is_better, false};
}

inline constexpr Monitor train_loss{"loss"};
inline constexpr Monitor val_loss{"val_loss", nullptr, false, true};
inline constexpr Monitor train_accuracy = training(Accuracy{});
inline constexpr Monitor val_accuracy = val(Accuracy{});

/// One finished epoch. Losses include L2 penalties, and are means over samples; NaN where there was no validation data.
/// Metrics are in the order of History::metrics.
struct EpochResult {
  int epoch = 0;  ///< from 0
  double loss = 0, val_loss = detail::not_measured;
  std::array<double, ops::max_metrics> metrics{}, val_metrics = detail::no_metrics();
  float learning_rate = 0;       ///< of the epoch's last step
  double seconds = 0;            ///< training and validation
  double images_per_second = 0;  ///< training only
};

struct History {
  std::vector<MetricInfo> metrics;  ///< what was measured besides the loss
  std::vector<EpochResult> epochs;
  /// Ctrl-C arrived while fit ran: the program is asked to end. Where that was after the last epoch's last batch, the
  /// training is complete all the same.
  bool interrupted = false;

  /// Is this one of the numbers that were measured?
  bool has(const Monitor& monitor) const { return !monitor.metric || place(monitor) < metrics.size(); }

  /// One number of an epoch: `history.value(history.epochs.back(), val_accuracy)`. Throws ArgumentError for a metric
  /// that was not measured.
  double value(const EpochResult& epoch, const Monitor& monitor) const {
    if (!monitor.metric) return monitor.needs_validation ? epoch.val_loss : epoch.loss;
    if (!has(monitor))
      throw ArgumentError("the history has no " + std::string(monitor.name) + "; fit measures " + names());
    return (monitor.needs_validation ? epoch.val_metrics : epoch.metrics)[place(monitor)];
  }
  /// The same of epoch number `epoch`, from 0: `history.value(0, val(Accuracy{}))`.
  double value(std::size_t epoch, const Monitor& monitor) const { return value(epochs.at(epoch), monitor); }

  /// "loss, accuracy"
  std::string names() const {
    std::string all = "loss";
    for (const MetricInfo& metric : metrics) all += std::string(", ") + metric.name;
    return all;
  }

 private:
  std::size_t place(const Monitor& monitor) const {
    std::size_t i = 0;
    while (i < metrics.size() && metrics[i].type != monitor.metric) ++i;
    return i;
  }
};

}  // namespace ferlab
