// SPDX-License-Identifier: MIT
#include "parts.hpp"

#include <ferlab/core/error.hpp>
#include <ferlab/data/split.hpp>

#include <cstdio>

namespace fer2013 {

using namespace ferlab;

Parts official_split(const data::Dataset& all, bool is_folder) {
  const std::size_t unknown_rows = all.with_usage(data::Usage::unknown).size();
  data::UsageSplit parts = unknown_rows < all.size() ? all.split_by_usage() : data::UsageSplit{};
  if (!parts.training.empty() && !parts.validation.empty())
    return {parts.training, parts.validation, parts.test, "PublicTest"};
  data::TenthsSplit split;
  if (all.size() < 3 || parts.training.size() == 1)
    throw DataError("expected 3 rows or more, 2 of them to train on, got " + std::to_string(all.size()) + " and " +
                    std::to_string(parts.training.size()) + "; they cannot be split");
  if (!parts.training.empty()) {
    split = data::split_off_tenth(parts.training);
    split.test = parts.test;
    std::fprintf(stderr, "No %s: a tenth of %s is kept for validation.\n",
                 is_folder ? "folder val" : "PublicTest", is_folder ? "train" : "Training");
  } else if (unknown_rows == all.size()) {
    split = data::split_in_tenths(all);
    std::fprintf(stderr, "No %s: a tenth is kept for validation, and one for test.\n",
                 is_folder ? "folders train, val and test" : "Usage column");
  } else if (is_folder) {
    throw DataError("the folder has no pictures in train, but " + std::to_string(parts.validation.size()) +
                    " in val and " + std::to_string(parts.test.size()) +
                    " in test; training needs train. Give one of these folders itself to split it at random");
  } else {
    throw DataError("the CSV has no rows with Usage Training, but " + std::to_string(parts.validation.size()) +
                    " with PublicTest and " + std::to_string(parts.test.size()) +
                    " with PrivateTest; training needs Training. Without a Usage column, rows are split at random");
  }
  if (split.kept > 0)
    std::fprintf(stderr, "%zu row%s of classes with fewer than %zu: all kept for training.\n", split.kept,
                 split.kept == 1 ? "" : "s", data::TenthsSplit::fewest);
  return {split.training, split.validation, split.test, "validation split"};
}

Parts tutorial_split(const data::Dataset& all) {
  const auto [rest, test] = data::train_test_split(all, {.test_size = 0.1, .random_state = 42});
  const auto [training, validation] = data::train_test_split(rest, {.test_size = 0.1, .random_state = 41});
  return {training, validation, test, "validation split"};
}

}  // namespace fer2013
