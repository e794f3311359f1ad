// SPDX-License-Identifier: MIT
// What stands in for parts of the standard library, against the standard library that has them.
#include <ferlab/core/compat.hpp>

#include <charconv>
#include <cstdint>
#include <limits>
#include <string>

#include "support/catch.hpp"

using namespace ferlab;

namespace {

template <class T>
struct Read {
  T value = T(-1);  // stays where nothing is read
  std::ptrdiff_t length = 0;
  std::errc error{};
  bool operator==(const Read&) const = default;
};
template <class T>
Read<T> read_by_c(const std::string& text) {
  Read<T> read;
  const auto [end, error] = compat::by_c::from_chars(text.data(), text.data() + text.size(), read.value);
  return {read.value, end - text.data(), error};
}
template <class T>
Read<T> read_by_standard(const std::string& text) {
  Read<T> read;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read.value);
  return {read.value, end - text.data(), error};
}

}  // namespace

TEMPLATE_TEST_CASE("numbers are read as std::from_chars reads them", "", float, double) {
  for (const char* text : {"0", "-0", "1", "-1.5", ".5", "5.", "1e3", "1E-3", "1e", "1e+", "1.2.3", "12abc", "3 4", "0x10", "1x",
                           "16777217", "0.1", "3.4028235e38", "inf", "-infinity", "", " 1", "\t1", "+1", "-", "--1", "-+1", "x",
                           "abc", ".", "1e999", "-1e999"}) {
    CAPTURE(text);
    CHECK(read_by_c<TestType>(text) == read_by_standard<TestType>(text));
  }
  CHECK(std::isnan(read_by_c<TestType>("nan").value));
}

TEMPLATE_TEST_CASE("numbers are written with the fewest digits that read back as the same bits", "", float, double) {
  using Limits = std::numeric_limits<TestType>;
  const auto written = [](TestType value) {
    char text[64];
    const auto [end, error] = compat::by_c::to_chars(text, text + sizeof text, value);
    REQUIRE(error == std::errc{});
    return std::string(text, end);
  };
  CHECK(written(TestType(0.1)) == "0.1");
  CHECK(written(TestType(-2)) == "-2");
  for (const TestType value : {TestType(1) / 3, TestType(16777217), Limits::max(), Limits::min(), Limits::denorm_min(),
                               Limits::epsilon(), TestType(-0.015378163196146488), Limits::infinity()}) {
    const std::string text = written(value);
    CAPTURE(text);
    CHECK(read_by_standard<TestType>(text) == Read<TestType>{value, std::ptrdiff_t(text.size()), std::errc{}});
  }
  char small[3];
  CHECK(compat::by_c::to_chars(small, small + 3, TestType(0.25)).ec == std::errc::value_too_large);
}

TEST_CASE("bits are taken as another type") {
  STATIC_REQUIRE(compat::bit_cast<std::uint32_t>(1.0f) == 0x3f800000u);
}
