// SPDX-License-Identifier: MIT
#include "kernels/bfloat16.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include "kernels/add.cuh"

#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

TEST_CASE("bfloat16 holds what fits, and rounds the rest to the nearest, ties to even") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (float exact : {0.0f, -0.0f, 1.0f, -2.5f, 255.0f, 0x1p-126f, 0x1p-133f, 0x1.fep127f, infinity, -infinity}) {
    REQUIRE(float(bfloat16(exact)) == exact);
    REQUIRE(std::signbit(float(bfloat16(exact))) == std::signbit(exact));
  }
  REQUIRE(float(bfloat16(257.0f)) == 256);            // half-way, to even
  REQUIRE(float(bfloat16(259.0f)) == 260);            // half-way, to even
  REQUIRE(float(bfloat16(257.1f)) == 258);            // above half-way
  REQUIRE(float(bfloat16(0x1.ffp127f)) == infinity);  // half-way to what would come next
  REQUIRE(std::isnan(float(bfloat16(std::nanf("")))));
  REQUIRE(
      std::isnan(float(bfloat16(std::bit_cast<float>(0x7f800001u)))));  // its lower half alone tells it from infinity
}

TEST_CASE("A kernel rounds to bfloat16 as the host does, vectors and what is left of them") {
  std::vector<float> words;  // every upper half, with what rounds down, ties, and rounds up
  for (std::uint32_t upper = 0; upper < 0x10000; ++upper)
    for (std::uint32_t lower : {0x0000u, 0x0001u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu})
      words.push_back(std::bit_cast<float>(upper << 16 | lower));
  words.push_back(1);  // no whole vector
  Memory<float> x(words);
  Memory<bfloat16> y(words.size());
  kernels::run(stream, kernels::Convert<float, bfloat16>{std::ptrdiff_t(words.size()), x.data(), y.data()});
  const std::vector<float> found = y.values(), expected = stored<bfloat16>(words);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < found.size(); ++i)
    wrong += std::isnan(expected[i])
                 ? !std::isnan(found[i])
                 : std::bit_cast<std::uint32_t>(found[i]) != std::bit_cast<std::uint32_t>(expected[i]);
  CHECK(wrong == 0);
}
