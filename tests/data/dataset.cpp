// SPDX-License-Identifier: MIT
#include <ferlab/data/dataset.hpp>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::data;

namespace {

// Four images of 1x2 pixels: {0,1} {2,3} {4,5} {6,7}.
Dataset four() {
  return Dataset(Storage{{1, 2, 1},
                         {0, 1, 2, 3, 4, 5, 6, 7},
                         {0, 1, 2, 1},
                         {Usage::training, Usage::public_test, Usage::training, Usage::private_test},
                         {2, 3, 5, 6},
                         {"a", "b", "c"}});
}

}  // namespace

TEST_CASE("a data set gives its rows") {
  const Dataset data = four();
  REQUIRE(data.size() == 4);
  CHECK(data.shape() == Shape{1, 2, 1});
  CHECK(data.classes() == 3);
  CHECK(data.class_names() == std::vector<std::string>{"a", "b", "c"});
  CHECK(data.image(2)[0] == 4);
  CHECK(data.image(2)[1] == 5);
  CHECK(data.image(2).size() == 2);
  CHECK(data.label(2) == 2);
  CHECK(data.usage(1) == Usage::public_test);
  CHECK(data.line(2) == 5);
}

TEST_CASE("select and the split by Usage share the pixels") {
  const Dataset data = four();
  const std::uint32_t positions[] = {3, 0, 3};
  const Dataset part = data.select(positions);
  REQUIRE(part.size() == 3);
  CHECK(part.row(0) == 3);
  CHECK(part.row(1) == 0);
  CHECK(part.image(2).data() == data.image(3).data());
  const std::uint32_t again[] = {1};
  CHECK(part.select(again).row(0) == 0);

  const auto [training, validation, test] = data.split_by_usage();
  REQUIRE(training.size() == 2);
  CHECK(training.row(1) == 2);
  REQUIRE(validation.size() == 1);
  CHECK(validation.row(0) == 1);
  REQUIRE(test.size() == 1);
  CHECK(test.image(0).data() == data.image(3).data());
  CHECK(data.with_usage(Usage::unknown).empty());
}

TEST_CASE("a view outlives the data set it came from") {
  const Dataset part = four().with_usage(Usage::private_test);
  CHECK(part.image(0)[1] == 7);
}

TEST_CASE("a data set of one's own comes from memory") {
  const Dataset data = Dataset::from_memory({1, 1, 3}, {1, 2, 3, 4, 5, 6}, {1, no_label}, {"cat", "dog"});
  REQUIRE(data.size() == 2);
  CHECK(data.image(1)[2] == 6);
  CHECK(data.label(1) == no_label);
  CHECK(data.usage(0) == Usage::unknown);
  CHECK_THROWS_WITH(data.split_by_usage(), Catch::Contains("train_test_split"));
  CHECK(Dataset::from_memory({1, 1, 1}, {9}, {0}, {"x"}, Usage::training).split_by_usage().training.size() == 1);
}

TEST_CASE("an empty data set can be asked anything that needs no row") {
  const Dataset nothing;
  CHECK(nothing.empty());
  CHECK(nothing.classes() == 0);
  CHECK(nothing.class_names().empty());
  CHECK(nothing.split_by_usage().training.empty());
  CHECK(nothing.select({}).empty());
}

TEST_CASE("columns that do not fit are refused") {
  using Catch::Contains;
  CHECK_THROWS_AS(Dataset::from_memory({1, 1, 1}, {1}, {0}, {}), ArgumentError);
  CHECK_THROWS_WITH(Dataset::from_memory({1, 1, 1}, {1, 2, 3}, {0, 0}, {"x"}), Contains("= 2 pixels, got 3"));
  CHECK_THROWS_WITH(Dataset::from_memory({1, 1, 1}, {1, 2}, {0, 1}, {"x"}), Contains("row 1 has label 1"));
  CHECK_THROWS_WITH(Dataset::from_memory({0, 1, 1}, {}, {}, {"x"}), Contains("0x1x1"));
  CHECK_THROWS_WITH(Dataset(Storage{{1, 1, 1}, {1}, {0}, {}, {0}, {"x"}}), Contains("expected 1 usages and lines"));
  CHECK_THROWS_WITH(Dataset(Storage{{1, 1, 1}, {1}, {0}, {Usage::training}, {0}, {"x"}, {"a", "b"}}),
                    Contains("expected 1 files or none, got 2"));
  const std::uint32_t past[] = {4};
  CHECK_THROWS_WITH(four().select(past), Contains("position 4 of a data set of 4"));
}

TEST_CASE("rows that are files keep their names through select") {
  const Dataset all(Storage{{1, 1, 1}, {1, 2}, {0, 0}, std::vector<Usage>(2), {0, 0}, {"x"}, {"a.png", "b.png"}});
  const std::uint32_t second[] = {1};
  CHECK(all.select(second).file(0) == "b.png");
  CHECK(four().file(0).empty());
}

TEST_CASE("Usage is spelled as in the file") {
  STATIC_REQUIRE(to_string(Usage::training) == "Training");
  CHECK(to_string(Usage::public_test) == "PublicTest");
  CHECK(to_string(Usage::private_test) == "PrivateTest");
}
