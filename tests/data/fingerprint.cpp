// SPDX-License-Identifier: MIT
#include <ferlab/data/fingerprint.hpp>

#include <set>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::data;

namespace {

Dataset made(Shape shape, std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels) {
  return Dataset::from_memory(shape, std::move(pixels), std::move(labels), {"a", "b", "c"});
}

}  // namespace

TEST_CASE("a changed pixel, label, order, number or shape is another data set") {
  const Shape shape{3, 3, 1};
  const std::vector<std::uint8_t> pixels{1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0}, labels{1, 2};
  const Dataset all = made(shape, pixels, labels);
  CHECK(fingerprint(all) == fingerprint(made(shape, pixels, labels)));
  CHECK(fingerprint(all) == fingerprint(all.select(std::vector<std::uint32_t>{0, 1})));

  std::set<std::uint64_t> seen{fingerprint(all)};
  std::size_t made_so_far = 1;
  const auto add = [&](const Dataset& other) {
    seen.insert(fingerprint(other));
    ++made_so_far;
  };
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    auto changed = pixels;
    changed[i] ^= 1;
    add(made(shape, changed, labels));
  }
  add(made(shape, pixels, {1, 1}));
  add(made(shape, pixels, {0, 2}));
  add(made(shape, pixels, {1, no_label}));
  add(made({1, 9, 1}, pixels, labels));
  add(made({9, 1, 1}, pixels, labels));
  add(made({1, 1, 9}, pixels, labels));
  add(all.select(std::vector<std::uint32_t>{1, 0}));
  add(all.select(std::vector<std::uint32_t>{0}));
  add(all.select(std::vector<std::uint32_t>{0, 1, 1}));
  add(Dataset{});
  CHECK(seen.size() == made_so_far);
}
