// SPDX-License-Identifier: MIT
// Half precision against all 65536 values and against the compiler's own _Float16.
#include <ferlab/formats/half.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "ferlab/core/philox.hpp"
#include "support/catch.hpp"

using namespace ferlab;
using formats::float_to_half;
using formats::half_to_float;

TEST_CASE("every half becomes its value, and comes back") {
  unsigned wrong = 0;
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = std::uint16_t(bits);
    const float value = half_to_float(half);
    const int exponent = int(bits >> 10 & 31), fraction = int(bits & 1023);
    if (exponent == 31) {
      wrong += fraction ? !std::isnan(value) : !std::isinf(value);
    } else {
      const double expected = exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(double(fraction), -24);
      wrong += std::abs(double(value)) != expected;
    }
    wrong += std::signbit(value) != bool(bits & 0x8000);
    const std::uint16_t back = float_to_half(value);
    // A signalling NaN may come back as a quiet one, but as a NaN with its other bits.
    wrong += std::isnan(value) ? (back | 0x200) != (half | 0x200) : back != half;
  }
  REQUIRE(wrong == 0);
}

TEST_CASE("float_to_half rounds to the nearest, ties to even") {
  REQUIRE(float_to_half(0.0f) == 0);
  REQUIRE(float_to_half(-0.0f) == 0x8000);
  REQUIRE(float_to_half(1.0f) == 0x3c00);
  REQUIRE(float_to_half(65504.0f) == 0x7bff);
  REQUIRE(float_to_half(std::nextafter(65520.0f, 0.0f)) == 0x7bff);
  REQUIRE(float_to_half(65520.0f) == 0x7c00);
  REQUIRE(float_to_half(-1e30f) == 0xfc00);
  REQUIRE(float_to_half(-INFINITY) == 0xfc00);
  REQUIRE(float_to_half(0x1p-24f) == 1);
  REQUIRE(float_to_half(0x1p-25f) == 0);              // tie: to even
  REQUIRE(float_to_half(0x1.000002p-25f) == 1);       // a little above
  REQUIRE(float_to_half(0x1.8p-24f) == 2);            // tie: to even
  REQUIRE(float_to_half(0x1.ffep-15f) == 0x0400);     // the greatest subnormals round up to the least normal
  REQUIRE(float_to_half(0x1p-149f) == 0);             // a subnormal float
  REQUIRE(float_to_half(1.0f + 0x1p-11f) == 0x3c00);  // tie: to even
  REQUIRE(float_to_half(1.0f + 0x3p-11f) == 0x3c02);  // tie: to even
  REQUIRE((float_to_half(NAN) & 0x7fff) > 0x7c00);
  const float only_low_bits = std::bit_cast<float>(0x7f800001u);  // a NaN whose bits a half has no room for
  REQUIRE((float_to_half(only_low_bits) & 0x7fff) > 0x7c00);
}

#ifdef __FLT16_MAX__
namespace {

std::uint16_t compilers_half(float value) {
  const auto half = static_cast<_Float16>(value);
  std::uint16_t bits;
  std::memcpy(&bits, &half, sizeof bits);
  return bits;
}

bool same(float value) {
  const std::uint16_t ours = float_to_half(value), theirs = compilers_half(value);
  return std::isnan(value) ? (ours & 0x7c00) == 0x7c00 && (ours & 0x3ff) != 0 : ours == theirs;
}

}  // namespace

TEST_CASE("float_to_half agrees with the compiler's conversion") {
  // Around every half, every midpoint of two halves, and every quarter: ties and their neighbours.
  std::vector<std::uint32_t> failures;
  const auto check = [&](std::uint32_t bits) {
    if (!same(std::bit_cast<float>(bits))) failures.push_back(bits);
  };
  for (std::uint32_t half = 0; half < 65536; ++half) {
    const auto bits = std::bit_cast<std::uint32_t>(half_to_float(std::uint16_t(half)));
    const auto next = std::bit_cast<std::uint32_t>(half_to_float(std::uint16_t(half + 1)));
    const std::uint32_t middle =
        std::bit_cast<std::uint32_t>((std::bit_cast<float>(bits) + std::bit_cast<float>(next)) / 2);
    for (std::uint32_t around : {bits, middle, bits + 0x800})
      for (std::uint32_t offset = 0; offset < 9; ++offset) check(around + offset - 4);
  }
  const RandomStream stream{.seed = 3, .purpose = Purpose::data};  // and four million of any bits
  for (std::uint64_t i = 0; i < 4'000'000; ++i) check(stream.word(i));
  INFO((failures.empty() ? std::string() : std::to_string(failures[0])));
  REQUIRE(failures.empty());
}
#endif

TEST_CASE("a bfloat16 is the upper half of a float") {
  REQUIRE(formats::bfloat16_to_float(0x3f80) == 1.0f);
  REQUIRE(formats::bfloat16_to_float(0xc049) == -3.140625f);
  REQUIRE(formats::bfloat16_to_float(0x0001) == 0x1p-133f);
  REQUIRE(std::isinf(formats::bfloat16_to_float(0x7f80)));
  REQUIRE(std::isnan(formats::bfloat16_to_float(0x7fc0)));
}
