// SPDX-License-Identifier: MIT
// Which classes are taken for which. Definitions as in scikit-learn's metrics, with 0 for 0 / 0.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/data/dataset.hpp"

namespace ferlab {

struct ConfusionMatrix {
  int classes = 0;
  std::vector<std::int64_t> counts;  ///< [truth][predicted]

  explicit ConfusionMatrix(int n = 0) : classes(n), counts(std::size_t(n) * std::size_t(n)) {}

  std::int64_t& at(int truth, int predicted) { return counts[std::size_t(truth * classes + predicted)]; }
  std::int64_t at(int truth, int predicted) const { return counts[std::size_t(truth * classes + predicted)]; }

  std::int64_t total() const {
    return sum([](int, int) { return true; });
  }
  double accuracy() const {
    return ratio(sum([](int t, int p) { return t == p; }), total());
  }
  /// Of what was taken for class c, the share that is c.
  double precision(int c) const {
    return ratio(at(c, c), sum([c](int, int p) { return p == c; }));
  }
  /// Of what is class c, the share that was found.
  double recall(int c) const { return ratio(at(c, c), support(c)); }
  double f1(int c) const {
    const double p = precision(c), r = recall(c);
    return p + r > 0 ? 2 * p * r / (p + r) : 0;
  }
  std::int64_t support(int c) const {
    return sum([c](int t, int) { return t == c; });
  }
  /// The mean of f1 over the classes that occur, as truth or as prediction.
  double macro_f1() const {
    double total_f1 = 0;
    int seen = 0;
    for (int c = 0; c < classes; ++c) {
      if (sum([c](int t, int p) { return t == c || p == c; }) == 0) continue;
      total_f1 += f1(c);
      ++seen;
    }
    return seen > 0 ? total_f1 / seen : 0;
  }

 private:
  template <class Where>
  std::int64_t sum(Where where) const {
    std::int64_t n = 0;
    for (int t = 0; t < classes; ++t)
      for (int p = 0; p < classes; ++p)
        if (where(t, p)) n += at(t, p);
    return n;
  }
  static double ratio(std::int64_t part, std::int64_t whole) { return whole > 0 ? double(part) / double(whole) : 0; }
};

/// From outputs [sample][classes] and labels; the largest output is the prediction, the first of equals. Throws
/// ArgumentError where they are not as many, or a label is no class.
template <class T>
ConfusionMatrix confusion_matrix(std::span<const T> outputs, std::span<const std::uint8_t> labels, int classes) {
  if (classes < 1 || outputs.size() != labels.size() * std::size_t(classes))
    throw ArgumentError("confusion_matrix: expected " + std::to_string(labels.size()) + " samples of " +
                        std::to_string(classes) + " outputs, got " + std::to_string(outputs.size()) + " numbers");
  ConfusionMatrix matrix(classes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= classes)
      throw ArgumentError("confusion_matrix: sample " + std::to_string(i) + " has label " + std::to_string(labels[i]) +
                          ", expected 0 to " + std::to_string(classes - 1));
    const T* row = outputs.data() + i * std::size_t(classes);
    ++matrix.at(labels[i], int(std::max_element(row, row + classes) - row));
  }
  return matrix;
}

/// From the outputs that predict or evaluate gave for `data`.
template <class T>
ConfusionMatrix confusion_matrix(std::span<const T> outputs, const data::Dataset& data, int classes) {
  std::vector<std::uint8_t> labels(data.size());
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = data.label(i);
  return confusion_matrix(outputs, std::span<const std::uint8_t>(labels), classes);
}

/// A table: a row per true class, a column per predicted one, then precision and recall.
inline std::string to_string(const ConfusionMatrix& matrix, std::span<const std::string> names) {
  std::size_t wide = 8;
  for (const std::string& name : names) wide = std::max(wide, name.size());
  const auto cell = [&](const std::string& text) {
    return std::string(wide + 2 - std::min(wide + 2, text.size()), ' ') + text;
  };
  const auto name = [&](int c) { return std::size_t(c) < names.size() ? names[std::size_t(c)] : std::to_string(c); };
  const auto percent = [](double share) {
    char text[16];
    std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
    return std::string(text);
  };
  std::string text = cell("true");
  for (int c = 0; c < matrix.classes; ++c) text += cell(name(c));
  text += cell("recall") + "\n";
  for (int t = 0; t < matrix.classes; ++t) {
    text += cell(name(t));
    for (int p = 0; p < matrix.classes; ++p) text += cell(std::to_string(matrix.at(t, p)));
    text += cell(percent(matrix.recall(t))) + "\n";
  }
  text += cell("precision");
  for (int c = 0; c < matrix.classes; ++c) text += cell(percent(matrix.precision(c)));
  return text + "\n";
}

}  // namespace ferlab
