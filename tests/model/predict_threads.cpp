// SPDX-License-Identifier: MIT
// One const model, many threads, a workspace each: the same answers as alone. Run under ThreadSanitizer by
// scripts/test.
#include <thread>

#include "support/catch.hpp"
#include "support/small_run.hpp"

using namespace ferlab;

TEST_CASE("predict is const and thread-safe") {
  const auto data = test::bars(40);
  const Model model{test::small_net(), Cpu{2}, {.seed = 3}};
  const auto expected = predict(model, data);
  std::vector<std::vector<float>> found(4);
  std::vector<std::thread> threads;
  for (auto& mine : found)
    threads.emplace_back([&] {
      Workspace workspace(model, 4);
      for (int round = 0; round < 5; ++round) {
        mine.clear();
        for (std::size_t i = 0; i < data.size(); ++i) {
          const auto out = predict(model, workspace, data.image(i));
          mine.insert(mine.end(), out.begin(), out.end());
        }
      }
    });
  for (auto& thread : threads) thread.join();
  for (const auto& mine : found) {
    const bool same = mine == expected;
    CHECK(same);
  }
}

TEST_CASE("predict refuses what does not fit") {
  const Model model{test::small_net(), Cpu{1}};
  Workspace workspace(model, 2);
  const std::vector<std::uint8_t> pixels(144 * 3);
  CHECK_THROWS_AS(predict(model, workspace, pixels, 3), ArgumentError);
  CHECK_THROWS_AS(predict(model, workspace, pixels, 2), ArgumentError);
  CHECK_THROWS_AS(Workspace(model, 0), ArgumentError);
}

TEST_CASE("a workspace serves two models in turn") {
  const auto data = test::bars(1);
  const Model one{test::small_net(), Cpu{1}, {.seed = 3}}, two{test::small_net(), Cpu{1}, {.seed = 4}};
  Workspace workspace(one, 1);
  const auto with = [&](const auto& model, auto& place) {
    const auto found = predict(model, place, data.image(0));
    return std::vector<float>(found.begin(), found.end());
  };
  Workspace fresh(two, 1);
  const auto expected = with(two, fresh);
  const bool differ = with(one, workspace) != expected, same = with(two, workspace) == expected;
  CHECK(differ);
  CHECK(same);
}
