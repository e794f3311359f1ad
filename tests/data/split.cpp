// SPDX-License-Identifier: MIT
// Expected values: scikit-learn 1.9.1 with numpy 2.4.6, train_test_split(np.arange(n), ...).
#include <ferlab/data/split.hpp>

#include <algorithm>
#include <random>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::data;

namespace {

using Rows = std::vector<std::uint32_t>;

Rows first_ten(const Rows& rows) { return {rows.begin(), rows.begin() + 10}; }

// One number for a whole list: for v: x = (x ^ v) * 1099511628211.
std::uint64_t digest(const Rows& rows) {
  std::uint64_t x = 1469598103934665603u;
  for (std::uint32_t v : rows) x = (x ^ v) * 1099511628211u;
  return x;
}

std::vector<std::uint8_t> uneven_labels(std::uint32_t n, std::uint32_t classes) {
  std::vector<std::uint8_t> labels;
  for (std::uint32_t i = 0; i < n; ++i) labels.push_back(std::uint8_t(i * i / 3 % classes));
  return labels;
}

}  // namespace

TEST_CASE("the Mersenne Twister is the standard library's") {
  for (std::uint32_t seed : {0u, 42u, 4294967295u}) {
    std::mt19937 standard(seed);
    detail::Mt19937 ours(seed);
    for (int i = 0; i < 2000; ++i) REQUIRE(ours() == standard());
  }
}

TEST_CASE("a split is sklearn's, row by row") {
  const SplitIndices split = train_test_split_indices(35887, {.test_size = 0.1, .random_state = 42});
  REQUIRE(split.train.size() == 32298);
  REQUIRE(split.test.size() == 3589);
  CHECK(first_ten(split.test) == Rows{19098, 2043, 16564, 10650, 4955, 25499, 26653, 7646, 31831, 20526});
  CHECK(first_ten(split.train) == Rows{31376, 28704, 27185, 8871, 27697, 25366, 10809, 19582, 31211, 30194});
  CHECK(digest(split.train) == 0x652a7487a9908008u);
  CHECK(digest(split.test) == 0x0ee0413d39c2738fu);

  const auto check = [](std::size_t n, SplitOptions options, std::uint64_t train, std::uint64_t test) {
    const SplitIndices s = train_test_split_indices(n, options);
    CHECK(digest(s.train) == train);
    CHECK(digest(s.test) == test);
  };
  check(32298, {.test_size = 0.1, .random_state = 41}, 0x0e1fb45bc28523b7u, 0x1623d86e9f043a02u);
  check(10, {.test_size = 0.25, .random_state = 0}, 0x0e56dbbde66ee1c4u, 0x980c834f30d9753fu);
  check(2, {.test_size = 0.5, .random_state = 7}, 0x44bd2ad473ccf5e6u, 0x44bd2bd473ccf799u);
  check(100, {.test_size = 0.33, .random_state = 4294967295u}, 0xe3efc2c218a715b6u, 0x30eb2b97d780e7c8u);
}

TEST_CASE("the tutorial's two splits in a row permute positions of the first part") {
  const std::size_t n = 35887;
  const Dataset all =
      Dataset::from_memory({1, 1, 1}, std::vector<std::uint8_t>(n), std::vector<std::uint8_t>(n), {"x"});
  const auto [rest, test] = train_test_split(all, {.test_size = 0.1, .random_state = 42});
  const auto [train, validation] = train_test_split(rest, {.test_size = 0.1, .random_state = 41});
  REQUIRE((train.size() == 29068 && validation.size() == 3230 && test.size() == 3589));
  const auto rows = [](const Dataset& data) {
    Rows first;
    for (std::size_t i = 0; i < 10; ++i) first.push_back(data.row(i));
    return first;
  };
  CHECK(rows(validation) == Rows{26966, 31646, 29209, 31073, 30365, 5954, 27919, 3136, 31821, 26511});
  CHECK(rows(train) == Rows{2463, 34757, 14196, 30219, 4871, 28881, 16709, 16606, 20463, 16821});
  CHECK(rows(test)[0] == 19098);
}

TEST_CASE("a stratified split is sklearn's, row by row") {
  const auto check = [](std::uint32_t n, std::uint32_t classes, SplitOptions options, std::uint64_t train,
                        std::uint64_t test) {
    CAPTURE(n);
    options.stratify = true;
    const SplitIndices s = train_test_split_indices(uneven_labels(n, classes), options);
    CHECK(digest(s.train) == train);
    CHECK(digest(s.test) == test);
  };
  check(1000, 7, {.test_size = 0.1, .random_state = 42}, 0x98372d3cd355d0c1u, 0xae82f101fd81ad7bu);
  check(50, 7, {.test_size = 0.2, .random_state = 3}, 0x23ed73e07dbc5347u, 0xb9ebe81c3d948d92u);
  check(35, 7, {.test_size = 0.2, .random_state = 5}, 0x3f3ad166e6498384u, 0x3329f8b0c88960b5u);
  check(997, 5, {.test_size = 0.37, .random_state = 0}, 0xead6d11bd503bc19u, 0x3af516a713328e75u);
}

TEST_CASE("equal remainders are broken as numpy's choice does") {
  std::vector<std::uint8_t> labels;
  for (int i = 0; i < 35; ++i) labels.push_back(std::uint8_t(i % 7));
  const SplitIndices split = train_test_split_indices(labels, {.test_size = 0.3, .random_state = 5, .stratify = true});
  CHECK(split.test == Rows{2, 24, 13, 19, 22, 0, 10, 12, 21, 29, 18});
  CHECK(split.train == Rows{31, 4, 6, 30, 3, 26, 11, 9, 20, 28, 27, 17, 1, 33, 16, 5, 14, 23, 34, 25, 15, 32, 7, 8});
}

TEST_CASE("a split of a data set keeps every image once") {
  const auto labels = uneven_labels(200, 4);
  const Dataset data = Dataset::from_memory({1, 1, 1}, std::vector<std::uint8_t>(200), labels, {"a", "b", "c", "d"});
  for (bool stratify : {false, true}) {
    const auto [train, test] = train_test_split(data, {.test_size = 0.25, .random_state = 1, .stratify = stratify});
    CHECK(test.size() == 50);
    Rows all;
    for (const Dataset* part : {&train, &test})
      for (std::size_t i = 0; i < part->size(); ++i) all.push_back(part->row(i));
    std::sort(all.begin(), all.end());
    CHECK(all == detail::counting(200));
  }
}

TEST_CASE("splits that cannot be are refused") {
  using Catch::Contains;
  for (double size : {0.0, 1.0, -0.1, 2.0, std::nan("")})
    CHECK_THROWS_WITH(train_test_split_indices(10, {.test_size = size}), Contains("expected a fraction"));
  CHECK_THROWS_WITH(train_test_split_indices(1, {.test_size = 0.5}), Contains("leaves nothing to train on"));
  CHECK_THROWS_AS(train_test_split_indices(0), ArgumentError);
  CHECK_THROWS_WITH(train_test_split_indices(10, {.stratify = true}), Contains("give the labels"));
  const std::uint8_t lonely[] = {0, 0, 0, 1, 0};
  CHECK_THROWS_WITH(train_test_split_indices(lonely, {.test_size = 0.4, .stratify = true}), Contains("class of row 3"));
  const std::uint8_t many[] = {0, 0, 1, 1, 2, 2};
  CHECK_THROWS_WITH(train_test_split_indices(many, {.test_size = 0.2, .stratify = true}), Contains("3 classes"));
}

namespace {

Dataset with_rows(const std::vector<int>& of_class) {
  std::vector<std::uint8_t> labels;
  for (std::size_t label = 0; label < of_class.size(); ++label)
    labels.insert(labels.end(), std::size_t(of_class[label]), std::uint8_t(label));
  std::vector<std::uint8_t> pixels(labels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = std::uint8_t(i);
  return Dataset::from_memory({1, 1, 1}, pixels, labels, {"a", "b", "c"});
}

std::vector<int> classes_of(const Dataset& data) {
  std::vector<int> rows(3);
  for (std::size_t i = 0; i < data.size(); ++i) ++rows[data.label(i)];
  return rows;
}

}  // namespace

TEST_CASE("tenths: stratified, every row in one part, classes with few rows train") {
  const auto split = split_in_tenths(with_rows({100, 50, 3}));
  CHECK(classes_of(split.test) == std::vector<int>{10, 5, 0});
  CHECK(classes_of(split.validation) == std::vector<int>{9, 5, 0});
  CHECK(classes_of(split.training) == std::vector<int>{81, 40, 3});
  CHECK(split.kept == 3);
  std::set<int> seen;
  for (const Dataset* part : {&split.training, &split.validation, &split.test})
    for (std::size_t i = 0; i < part->size(); ++i) seen.insert(part->image(i)[0]);
  CHECK(seen.size() == 153);

  // As two calls of train_test_split, where no class is small.
  const Dataset all = with_rows({100, 50, 20});
  const auto tenths = split_in_tenths(all);
  const auto [rest, test] = train_test_split(all, {.test_size = 0.1, .random_state = 42, .stratify = true});
  REQUIRE(tenths.test.size() == test.size());
  for (std::size_t i = 0; i < test.size(); ++i) REQUIRE(tenths.test.row(i) == test.row(i));
  CHECK(tenths.kept == 0);
}

TEST_CASE("tenths of a handful of rows are drawn at random, and fewer than three are refused") {
  for (const std::vector<int>& rows :
       std::vector<std::vector<int>>{{12, 11, 1}, {1, 1, 1}, {2, 1, 0}, {9, 9, 9}, {3}}) {
    const Dataset all = with_rows(rows);
    const auto split = split_in_tenths(all);
    CHECK(split.training.size() + split.validation.size() + split.test.size() == all.size());
    CHECK((!split.training.empty() && !split.validation.empty() && !split.test.empty()));
  }
  CHECK_THROWS_AS(split_in_tenths(with_rows({1, 1})), ArgumentError);
}

TEST_CASE("a tenth alone: stratified, every row in one part, classes with few rows train") {
  const auto split = split_off_tenth(with_rows({100, 50, 3}));
  CHECK(classes_of(split.validation) == std::vector<int>{10, 5, 0});
  CHECK(classes_of(split.training) == std::vector<int>{90, 45, 3});
  CHECK((split.kept == 3 && split.test.empty()));
  CHECK(split_off_tenth(with_rows({1, 1})).validation.size() == 1);
  CHECK_THROWS_AS(split_off_tenth(with_rows({1})), ArgumentError);
}
