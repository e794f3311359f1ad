// SPDX-License-Identifier: MIT
#include <ferlab/data/batches.hpp>
#include <ferlab/data/targets.hpp>

#include <algorithm>
#include <numeric>

#include "support/catch.hpp"
#include "support/count_allocations.hpp"

using namespace ferlab;
using namespace ferlab::data;
using ferlab::test::allocations;

namespace {

std::vector<std::uint32_t> order_of(std::size_t n, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  shuffle(order, seed, epoch);
  return order;
}

}  // namespace

TEST_CASE("a batch holds the images asked for, preprocessed") {
  const Dataset data = Dataset::from_memory({1, 2, 1}, {0, 1, 2, 3, 4, 5}, {0, 1, 2}, {"a", "b", "c"});
  const std::uint32_t positions[] = {2, 0};
  const Preprocessing twice_plus_one{"test", 2, 1};
  float images[5] = {0, 0, 0, 0, -7};
  fill_batch(data, positions, twice_plus_one, images);
  CHECK((images[0] == 9 && images[1] == 11 && images[2] == 1 && images[3] == 3));
  CHECK(images[4] == -7);  // nothing behind the batch is touched
}

TEST_CASE("positions of a batch are positions of the part, not of the storage") {
  const Dataset data = Dataset::from_memory({1, 1, 1}, {10, 20, 30}, {0, 1, 2}, {"a", "b", "c"});
  const std::uint32_t last[] = {2}, zero[] = {0};
  double image = 0;
  std::uint8_t label = 0;
  fill_batch(data.select(last), zero, Preprocessing::raw(), &image);
  write_target(ferlab::ClassIndex{}, data.select(last), 0, {}, &label);
  CHECK(image == 30);
  CHECK(label == 2);
}

TEST_CASE("a label as numbers for the outputs is one-hot") {
  const Dataset data = Dataset::from_memory({1, 1, 1}, {10, 20}, {2, 0}, {"a", "b", "c"});
  float targets[5] = {9, 9, 9, 9, 9};
  write_target(ferlab::OutputVector{}, data, 0, {1, 1, 4}, targets);
  CHECK((targets[0] == 0 && targets[1] == 0 && targets[2] == 1 && targets[3] == 0));
  CHECK(targets[4] == 9);
}

TEST_CASE("filling a batch and shuffling allocate nothing") {
  const Dataset data =
      Dataset::from_memory({2, 2, 1}, std::vector<std::uint8_t>(400), std::vector<std::uint8_t>(100), {"a"});
  std::vector<std::uint32_t> order(100);
  std::vector<float> images(400);
  const Preprocessing preprocessing = Preprocessing::rescale();
  const long before = allocations;
  shuffle(order, 1, 2);
  fill_batch(data, order, preprocessing, images.data());
  CHECK(allocations == before);
  CHECK(before > 0);  // the counter counts
}

TEST_CASE("a shuffle is a permutation that depends on seed and epoch only") {
  auto order = order_of(1000, 7, 3);
  CHECK(order == order_of(1000, 7, 3));
  CHECK(order != order_of(1000, 7, 4));
  CHECK(order != order_of(1000, 8, 3));
  std::sort(order.begin(), order.end());
  for (std::uint32_t i = 0; i < order.size(); ++i) REQUIRE(order[i] == i);
}

TEST_CASE("the order of an epoch never changes between versions") {
  CHECK(order_of(8, 42, 0) == std::vector<std::uint32_t>{6, 7, 3, 0, 5, 4, 1, 2});
}

TEST_CASE("every order of three is about equally likely") {
  int count[3][3] = {};
  for (std::uint64_t epoch = 0; epoch < 6000; ++epoch) {
    const auto order = order_of(3, 1, epoch);
    for (int i = 0; i < 3; ++i) ++count[i][order[std::size_t(i)]];
  }
  for (auto& place : count)
    for (int n : place) CHECK(n == Approx(2000).margin(150));
}

TEST_CASE("shuffling nothing or one thing is fine") {
  CHECK(order_of(0, 1, 1).empty());
  CHECK(order_of(1, 1, 1) == std::vector<std::uint32_t>{0});
}
