// SPDX-License-Identifier: MIT
#include "kernels/augment_batch.cuh"

#include "ferlab/data/batches.hpp"
#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

TEMPLATE_TEST_CASE("The augmenting batch kernel changes images as the CPU does", "", float, bfloat16) {
  using S = TestType;
  for (const Shape shape : {Shape{1, 1, 1}, Shape{5, 9, 3}, Shape{48, 48, 1}}) {
    INFO(to_string(shape));
    std::vector<std::uint8_t> images(5 * shape.size()), labels{3, 1, 4, 1, 5};
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = std::uint8_t(i * 37 % 256);
    const std::vector<std::uint32_t> positions{4, 2, 0, 1, 3};
    const data::Augmenter augmenter({.mirror = true, .shift = 0.2f, .rotate = 30, .zoom = 0.3f, .erase = 0.5f}, shape);
    const data::Preprocessing preprocessing{"", 0.25f, -32};  // both are powers of two: nothing depends on the order
    Visible<ops::StepState> state({.seed = 7, .step = 11, .batch = 1});
    Memory<std::uint8_t> all(images), marks(labels), found(2);
    Memory<std::uint32_t> order(positions);
    Memory<S> batch(2 * shape.size());
    kernels::run(stream, kernels::AugmentBatch<S>{.from = {all.data(), marks.data(), order.data(), int(shape.size())},
                                                  .state = state.get(),
                                                  .capacity = 3,
                                                  .count = 2,
                                                  .preprocess = {preprocessing.scale, preprocessing.offset},
                                                  .augmenter = augmenter,
                                                  .images = batch.data(),
                                                  .labels = found.data()});

    const auto set =
        data::Dataset::from_memory(shape, std::move(images), std::move(labels), {"a", "b", "c", "d", "e", "f"});
    std::vector<float> expected(2 * shape.size());
    data::fill_batch(set, std::span(positions).subspan(3), preprocessing, data::AugmentedBatch{augmenter, 7, 11},
                     expected.data());
    REQUIRE(batch.values() == stored<S>(expected));
    REQUIRE(found.values() == std::vector<float>{1, 1});
  }
}

TEST_CASE("A half batch that knows its first sample changes its images as the whole batch does") {
  const Shape shape{9, 7, 1};
  constexpr int n = 5;
  std::vector<std::uint8_t> images(n * shape.size());
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = std::uint8_t(i * 37 % 256);
  const data::Augmenter augmenter({.mirror = true, .shift = 0.2f, .rotate = 30, .zoom = 0.3f, .erase = 0.5f}, shape);
  Memory<std::uint8_t> all(images), marks(std::vector<std::uint8_t>(n, 3)), labels(n);
  Memory<std::uint32_t> order(std::vector<std::uint32_t>{4, 2, 0, 1, 3});
  const auto changed = [&](int first, int count) {
    Visible<ops::StepState> state({.seed = 7, .step = 11, .first_sample = std::uint64_t(first)});
    Memory<float> batch(std::size_t(count) * shape.size());
    kernels::run(stream, kernels::AugmentBatch<float>{
                             .from = {all.data(), marks.data(), order.data() + first, int(shape.size())},
                             .state = state.get(),
                             .capacity = count,
                             .count = count,
                             .augmenter = augmenter,
                             .images = batch.data(),
                             .labels = labels.data()});
    return batch.values();
  };
  std::vector<float> halves = changed(0, 2);
  const std::vector<float> rest = changed(2, 3);
  halves.insert(halves.end(), rest.begin(), rest.end());
  REQUIRE(halves == changed(0, n));
}
