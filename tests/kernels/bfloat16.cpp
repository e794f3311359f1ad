// SPDX-License-Identifier: MIT
#include "kernels/bfloat16.hpp"

#include <cmath>
#include <limits>

#include "support/catch.hpp"

using ferlab::bfloat16;

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
