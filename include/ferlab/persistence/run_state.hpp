// SPDX-License-Identifier: MIT
// Where a run stands and what it measured, in a SavedState.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "ferlab/persistence/saved_state.hpp"
#include "ferlab/train/state.hpp"

namespace ferlab::detail {

/// f(name, member) for every number of an epoch's result, by name.
template <class F>
void for_each_column(const History& history, F&& f) {
  f(
      "loss", [](auto& r) -> auto& { return r.loss; });
  f(
      "val_loss", [](auto& r) -> auto& { return r.val_loss; });
  f(
      "learning_rate", [](auto& r) -> auto& { return r.learning_rate; });
  f(
      "seconds", [](auto& r) -> auto& { return r.seconds; });
  f(
      "images_per_second", [](auto& r) -> auto& { return r.images_per_second; });
  for (std::size_t i = 0; i < history.metrics.size(); ++i) {
    f(
        std::string("metrics/") + history.metrics[i].name, [i](auto& r) -> auto& { return r.metrics[i]; });
    f(
        std::string("val_metrics/") + history.metrics[i].name, [i](auto& r) -> auto& { return r.val_metrics[i]; });
  }
}

inline void save_run(const TrainingState& t, const StateWriter& to) {
  to.put("epoch", t.epoch);
  to.put("batch", t.batch);
  to.put("step", t.step);
  to.put("learning_rate", t.learning_rate);
  to.put("stop", t.stop);
  to.put("loss_sum", t.loss_sum);
  to.put("seen", t.seen);
  for (std::size_t i = 0; i < t.history.metrics.size(); ++i)
    to.part("metric_sums").put(t.history.metrics[i].name, t.metric_sums[i]);
  to.put("epochs_done", t.history.epochs.size());
  for_each_column(t.history, [&](const std::string& name, auto member) {
    std::vector<double> values;
    for (const EpochResult& r : t.history.epochs) values.push_back(double(member(r)));
    to.part("history").put(name, std::span<const double>(values));
  });
}

inline double finite(const StateReader& from, std::string_view name) {
  const auto value = from.get<double>(name);
  if (!std::isfinite(value)) from.fail(name, "is not finite");
  return value;
}

/// A run as it was saved, checked against the one it will be given to.
class ParsedRun {
 public:
  enum class Version { v0_1, current };

  /// `images`: of the training data. Throws FormatError.
  ParsedRun(const StateReader& from, const TrainingState& now, std::size_t images, Version version) {
    run_.history.metrics = now.history.metrics;
    run_.epoch = int(from.get_between("epoch", 0, std::numeric_limits<int>::max() - 1));
    run_.batch = int(from.get_between("batch", 0, std::max(0, now.batches - 1)));
    const std::int64_t steps = std::int64_t(run_.epoch) * now.batches + run_.batch;
    run_.step = std::uint64_t(from.get_between("step", steps, steps));
    run_.learning_rate = from.get<float>("learning_rate");
    finite(from, "learning_rate");
    run_.stop = from.get<bool>("stop");
    run_.loss_sum = finite(from, "loss_sum");
    const std::int64_t seen = std::min(std::int64_t(run_.batch) * now.batch_size, std::int64_t(images));
    run_.seen = from.get_between("seen", seen, seen);
    from.get_between("epochs_done", run_.epoch, run_.epoch);
    run_.history.epochs.reserve(std::size_t(std::max(now.epochs, run_.epoch)));
    run_.history.epochs.resize(std::size_t(run_.epoch));
    for (int i = 0; i < run_.epoch; ++i) run_.history.epochs[std::size_t(i)].epoch = i;
    if (version == Version::v0_1)
      read_measured_0_1(from);
    else
      read_measured(from);
  }

  void commit(TrainingState& t) noexcept {
    t.epoch = run_.epoch;
    t.batch = run_.batch;
    t.step = run_.step;
    t.learning_rate = run_.learning_rate;
    t.stop = run_.stop;
    t.loss_sum = run_.loss_sum;
    t.seen = run_.seen;
    t.metric_sums = run_.metric_sums;
    t.history.epochs = std::move(run_.history.epochs);
  }

 private:
  TrainingState run_;

  void read_measured(const StateReader& from) {
    for (std::size_t i = 0; i < run_.history.metrics.size(); ++i)
      run_.metric_sums[i] = finite(from.part("metric_sums"), run_.history.metrics[i].name);
    for_each_column(run_.history, [&](const std::string& name, auto member) {
      const auto values = from.part("history").get_array<double>(name);
      require_size(from.part("history"), name, values.size(), run_.history.epochs.size());
      for (std::size_t i = 0; i < values.size(); ++i) {
        auto& to = member(run_.history.epochs[i]);
        to = std::remove_reference_t<decltype(to)>(values[i]);
      }
    });
  }

  /// There the only metric was accuracy, and an epoch one array.
  void read_measured_0_1(const StateReader& from) {
    run_.metric_sums[0] = double(from.get_between("correct", 0, run_.seen));
    for (std::size_t i = 0; i < run_.history.epochs.size(); ++i) {
      const std::string name = "history_" + std::to_string(i);
      const auto v = from.get_array<double>(name);
      require_size(from, name, v.size(), 7);
      EpochResult& r = run_.history.epochs[i];
      r.loss = v[0], r.metrics[0] = v[1], r.val_loss = v[2], r.val_metrics[0] = v[3];
      r.learning_rate = float(v[4]), r.seconds = v[5], r.images_per_second = v[6];
    }
  }

  static void require_size(const StateReader& from, std::string_view name, std::size_t found, std::size_t expected) {
    if (found != expected)
      from.fail(name, "has " + std::to_string(found) + " values, expected " + std::to_string(expected));
  }
};

}  // namespace ferlab::detail
