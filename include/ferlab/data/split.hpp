// SPDX-License-Identifier: MIT
// Random splits equal to scikit-learn's train_test_split, row by row.
// Source: sklearn/model_selection/_split.py (ShuffleSplit, StratifiedShuffleSplit), sklearn/utils (_approximate_mode).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/data/dataset.hpp"
#include "ferlab/data/mt19937.hpp"

namespace ferlab::data {

struct SplitOptions {
  double test_size = 0.1;           ///< fraction of the rows, above 0 and below 1; rounded up to whole rows
  std::uint32_t random_state = 42;  ///< the same number gives the same split as in sklearn
  bool stratify = false;            ///< both parts keep the proportions of the classes
};

struct SplitIndices {
  std::vector<std::uint32_t> train, test;
};

struct TrainTestSplit {
  Dataset train, test;
};

namespace detail {

inline std::vector<std::uint32_t> counting(std::size_t n) {
  std::vector<std::uint32_t> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = std::uint32_t(i);
  return values;
}

inline std::size_t test_rows(std::size_t n, const SplitOptions& options) {
  if (!(options.test_size > 0 && options.test_size < 1))
    throw ArgumentError("train_test_split: test_size is " + std::to_string(options.test_size) +
                        ", expected a fraction above 0 and below 1");
  const std::size_t test = std::size_t(std::ceil(options.test_size * double(n)));
  if (test >= n)
    throw ArgumentError("train_test_split: a test part of " + std::to_string(test) + " of " + std::to_string(n) +
                        " rows leaves nothing to train on");
  return test;
}

/// How many of `draws` go to each class, in proportion to `counts`; what rounding leaves goes to the largest
/// remainders, and among equal ones to random classes.
inline std::vector<std::size_t> approximate_mode(const std::vector<std::size_t>& counts, std::size_t draws,
                                                 Mt19937& random) {
  std::size_t total = 0, given = 0;
  for (std::size_t count : counts) total += count;
  std::vector<std::size_t> mode;
  std::map<double, std::vector<std::uint32_t>> by_remainder;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double share = double(counts[i]) / double(total) * double(draws);
    mode.push_back(std::size_t(share));
    given += mode.back();
    by_remainder[share - double(mode.back())].push_back(std::uint32_t(i));
  }
  for (auto group = by_remainder.rbegin(); given < draws; ++group) {
    // numpy's choice without replacement: the first of a permutation.
    std::vector<std::uint32_t> order = counting(group->second.size());
    random.shuffle(order);
    for (std::size_t i = 0; i < order.size() && given < draws; ++i, ++given) ++mode[group->second[order[i]]];
  }
  return mode;
}

}  // namespace detail

/// Positions of the two parts of n rows: sklearn's train_test_split(range(n), ...). `stratify` needs the labels.
/// Throws ArgumentError for a fraction outside (0, 1) or a part without rows.
inline SplitIndices train_test_split_indices(std::size_t n, const SplitOptions& options = {}) {
  if (options.stratify) throw ArgumentError("train_test_split_indices: give the labels in order to stratify");
  const std::size_t test = detail::test_rows(n, options);
  std::vector<std::uint32_t> order = detail::counting(n);
  detail::Mt19937(options.random_state).shuffle(order);
  const auto border = order.begin() + std::ptrdiff_t(test);
  return {{border, order.end()}, {order.begin(), border}};
}

/// The same, stratified: sklearn's train_test_split(range(n), ..., stratify=labels).
/// Throws ArgumentError where a class has one row only, or a part would have fewer rows than there are classes.
inline SplitIndices train_test_split_indices(std::span<const std::uint8_t> labels, const SplitOptions& options = {}) {
  if (!options.stratify) return train_test_split_indices(labels.size(), options);
  const std::size_t test = detail::test_rows(labels.size(), options), train = labels.size() - test;
  std::vector<std::vector<std::uint32_t>> members(256);
  for (std::size_t i = 0; i < labels.size(); ++i) members[labels[i]].push_back(std::uint32_t(i));
  std::erase_if(members, [](const auto& m) { return m.empty(); });
  std::vector<std::size_t> counts;
  for (const auto& m : members) counts.push_back(m.size());
  for (const auto& m : members)
    if (m.size() < 2)
      throw ArgumentError("train_test_split: the class of row " + std::to_string(m[0]) +
                          " has this one row only; stratify needs two of each");
  if (test < members.size() || train < members.size())
    throw ArgumentError("train_test_split: " + std::to_string(train) + " and " + std::to_string(test) +
                        " rows cannot both hold all of " + std::to_string(members.size()) + " classes");

  detail::Mt19937 random(options.random_state);
  const std::vector<std::size_t> for_train = detail::approximate_mode(counts, train, random);
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] -= for_train[i];
  const std::vector<std::size_t> for_test = detail::approximate_mode(counts, test, random);
  SplitIndices split;
  for (std::size_t i = 0; i < members.size(); ++i) {
    std::vector<std::uint32_t> order = detail::counting(members[i].size());
    random.shuffle(order);
    for (std::size_t k = 0; k < for_train[i]; ++k) split.train.push_back(members[i][order[k]]);
    for (std::size_t k = 0; k < for_test[i]; ++k) split.test.push_back(members[i][order[for_train[i] + k]]);
  }
  random.shuffle(split.train);
  random.shuffle(split.test);
  return split;
}

/// The two parts as data sets over the same pixels. Note that FER2013 holds many images twice: a random split puts
/// copies of training images into the test part, the official one (split_by_usage) fewer.
inline TrainTestSplit train_test_split(const Dataset& dataset, const SplitOptions& options = {}) {
  std::vector<std::uint8_t> labels(dataset.size());
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = dataset.label(i);
  const SplitIndices split = train_test_split_indices(labels, options);
  return {dataset.select(split.train), dataset.select(split.test)};
}

/// Three parts of any data set, and how many rows are of classes too small to be divided: those all train.
struct TenthsSplit {
  static constexpr std::size_t fewest = 10;  ///< rows of a class that is divided
  Dataset training, validation, test;
  std::size_t kept = 0;
};

namespace detail {

/// Positions in classes large enough to be divided, and of the others; all are divided where no class is.
struct Divisible {
  std::vector<std::uint32_t> divided, kept;
};
inline Divisible divisible(const Dataset& all) {
  std::vector<std::size_t> rows(256);
  for (std::size_t i = 0; i < all.size(); ++i) ++rows[all.label(i)];
  Divisible found;
  for (std::size_t i = 0; i < all.size(); ++i)
    (rows[all.label(i)] < TenthsSplit::fewest ? found.kept : found.divided).push_back(std::uint32_t(i));
  if (found.divided.empty()) found.divided.swap(found.kept);
  return found;
}

/// A tenth of `positions` to test, the rest to train; stratified, if the tenth can have a row of each class.
inline SplitIndices tenth_of(const Dataset& all, const std::vector<std::uint32_t>& positions,
                             std::uint32_t random_state) {
  std::vector<std::uint8_t> labels;
  for (std::uint32_t i : positions) labels.push_back(all.label(i));
  SplitOptions options{.random_state = random_state};
  options.stratify = test_rows(positions.size(), options) >= std::set(labels.begin(), labels.end()).size();
  SplitIndices split = train_test_split_indices(labels, options);
  for (auto* side : {&split.train, &split.test})
    for (std::uint32_t& i : *side) i = positions[i];
  return split;
}

}  // namespace detail

/// A tenth to test, a tenth of the rest to validate, the rest to train; stratified, unless there are too few rows to
/// have some of each class. Throws ArgumentError for fewer than three rows.
inline TenthsSplit split_in_tenths(const Dataset& all) {
  if (all.size() < 3)
    throw ArgumentError("split_in_tenths: expected 3 rows or more, got " + std::to_string(all.size()));
  const auto [divided, kept] = detail::divisible(all);
  const SplitIndices with_test = detail::tenth_of(all, divided, 42);
  SplitIndices with_validation = detail::tenth_of(all, with_test.train, 41);
  with_validation.train.insert(with_validation.train.end(), kept.begin(), kept.end());
  return {all.select(with_validation.train), all.select(with_validation.test), all.select(with_test.test), kept.size()};
}

/// The same without a test part, of data whose test part is known: a tenth to validate, the rest to train. Throws
/// ArgumentError for fewer than two rows.
inline TenthsSplit split_off_tenth(const Dataset& all) {
  if (all.size() < 2)
    throw ArgumentError("split_off_tenth: expected 2 rows or more, got " + std::to_string(all.size()));
  const auto [divided, kept] = detail::divisible(all);
  SplitIndices split = detail::tenth_of(all, divided, 41);
  split.train.insert(split.train.end(), kept.begin(), kept.end());
  return {all.select(split.train), all.select(split.test), {}, kept.size()};
}

}  // namespace ferlab::data
