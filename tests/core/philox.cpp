// SPDX-License-Identifier: MIT
#include <ferlab/core/philox.hpp>

#include "support/catch.hpp"

using namespace ferlab;

// Known answers: Random123's kat_vectors, philox4x32 10.
TEST_CASE("philox4x32-10 gives the published words") {
  STATIC_REQUIRE(philox4x32({0, 0, 0, 0}, {0, 0}) ==
                 std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  STATIC_REQUIRE(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
                 std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  STATIC_REQUIRE(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
                 std::array<std::uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("streams that differ in one coordinate differ") {
  const RandomStream base{.seed = 1, .index = 2, .purpose = Purpose::dropout, .step = 3};
  for (RandomStream other : {RandomStream{2, 2, Purpose::dropout, 3}, RandomStream{1, 3, Purpose::dropout, 3},
                             RandomStream{1, 2, Purpose::shuffle, 3}, RandomStream{1, 2, Purpose::dropout, 4}})
    CHECK(base.block(7) != other.block(7));
}

TEST_CASE("uniform, below and normal have the moments they should") {
  const RandomStream stream{.seed = 42};
  const int n = 40000;
  double sum = 0, sum_normal = 0, sum_square = 0;
  for (int i = 0; i < n; ++i) {
    const float u = stream.uniform(i);
    REQUIRE((u >= 0 && u < 1));
    REQUIRE(stream.below(i, 7) < 7);
    sum += u;
    const double z = stream.normal(i);
    sum_normal += z;
    sum_square += z * z;
  }
  CHECK(sum / n == Approx(0.5).margin(0.01));
  CHECK(sum_normal / n == Approx(0).margin(0.02));
  CHECK(sum_square / n == Approx(1).margin(0.03));
}
