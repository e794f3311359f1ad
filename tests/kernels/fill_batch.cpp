// SPDX-License-Identifier: MIT
#include "kernels/fill_batch.cuh"

#include "ferlab/data/preprocessing.hpp"
#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

TEMPLATE_TEST_CASE("The batch kernel fetches the images that the order says", "", float, bfloat16) {
  using S = TestType;
  for (int size : {1, 7, 2304, 48}) {
    INFO("size " << size);
    const std::size_t pixels = std::size_t(size);
    std::vector<std::uint8_t> images(5 * pixels), labels{3, 1, 4, 1, 5};
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = std::uint8_t(i * 37 % 256);
    const std::vector<std::uint32_t> positions{4, 2, 0, 1, 3};
    const data::Preprocessing preprocessing{"", 0.25f, -3};
    Visible<ops::StepState> state({.batch = 1});
    Memory<std::uint8_t> all(images), marks(labels), found(2);
    Memory<std::uint32_t> order(positions);
    Memory<S> batch(2 * pixels);
    kernels::run(stream, kernels::FillBatch<S>{.from = {all.data(), marks.data(), order.data(), size},
                                               .state = state.get(),
                                               .capacity = 3,
                                               .count = 2,
                                               .preprocess = {preprocessing.scale, preprocessing.offset},
                                               .images = batch.data(),
                                               .labels = found.data()});

    std::vector<float> expected(2 * pixels);
    preprocessing.apply(std::span(images).subspan(pixels, pixels), expected.data());
    preprocessing.apply(std::span(images).subspan(3 * pixels, pixels), expected.data() + pixels);
    REQUIRE(batch.values() == stored<S>(expected));
    REQUIRE(found.values() == std::vector<float>{1, 1});
  }
}

TEMPLATE_TEST_CASE("Pixels are scaled as the CPU does", "", float, bfloat16) {
  using S = TestType;
  for (std::size_t count : {1, 4, 7, 2304}) {
    INFO("count " << count);
    std::vector<std::uint8_t> bytes(count);
    for (std::size_t i = 0; i < count; ++i) bytes[i] = std::uint8_t(i * 37 % 256);
    const data::Preprocessing preprocessing{"", 0.25f, -3};
    Memory<std::uint8_t> pixels(bytes);
    Memory<S> images(count);
    kernels::run(stream, kernels::ScalePixels<S>{.count = std::ptrdiff_t(count),
                                                 .pixels = pixels.data(),
                                                 .preprocess = {preprocessing.scale, preprocessing.offset},
                                                 .images = images.data()});
    std::vector<float> expected(count);
    preprocessing.apply(std::span<const std::uint8_t>(bytes), expected.data());
    REQUIRE(images.values() == stored<S>(expected));
  }
}
