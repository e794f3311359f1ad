// SPDX-License-Identifier: MIT
#include <ferlab/formats/tensor_view.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace ferlab;
using formats::DType;
using Shape = std::vector<std::size_t>;

namespace {

/// As it is read back from an odd address.
template <class T>
double again(DType type, T value) {
  std::string bytes = "x";
  formats::append_little_endian(bytes, value);
  CHECK(formats::read_little_endian<T>(bytes.data() + 1) == value);
  CHECK(bytes.size() == 1 + formats::info(type).size);
  return formats::read_element(type, bytes.data() + 1);
}

template <class T>
void check_limits(DType type) {
  for (const T value : {std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), T(1), T(0)})
    CHECK(again(type, value) == double(value));
}

}  // namespace

TEST_CASE("elements of every type are read") {
  check_limits<std::int64_t>(DType::I64);
  check_limits<std::int32_t>(DType::I32);
  check_limits<std::int16_t>(DType::I16);
  check_limits<std::int8_t>(DType::I8);
  check_limits<std::uint64_t>(DType::U64);
  check_limits<std::uint32_t>(DType::U32);
  check_limits<std::uint16_t>(DType::U16);
  check_limits<std::uint8_t>(DType::U8);
  check_limits<double>(DType::F64);
  check_limits<float>(DType::F32);
  CHECK(again(DType::F16, std::uint16_t(0xc100)) == -2.5);
  CHECK(again(DType::BF16, std::uint16_t(0xc020)) == -2.5);
  CHECK(again(DType::BOOL, std::uint8_t(1)) == 1);
  for (const formats::DTypeInfo& type : formats::dtypes) {
    CHECK(&formats::info(type.type) == &type);
    CHECK(formats::is_floating(type.type) == (type.name.find('F') != std::string_view::npos));
  }
}

TEST_CASE("the lowest byte comes first") {
  std::string bytes;
  formats::append_little_endian(bytes, std::uint32_t(0x04030201));
  CHECK(bytes == "\1\2\3\4");
}

TEST_CASE("an array's size is one that fits, whatever its dimensions' order") {
  std::size_t bytes = 0;
  const auto fits = [&](const Shape& shape) { return formats::byte_size(4, shape, bytes); };
  CHECK((fits({}) && bytes == 4));
  CHECK((fits({2, 3}) && bytes == 24));
  CHECK((fits({2, 0, 3}) && bytes == 0));
  CHECK((fits({1ull << 61}) && bytes == 1ull << 63));
  CHECK_FALSE(fits({1ull << 62}));
  CHECK_FALSE(fits({1ull << 32, 1ull << 32}));
  CHECK_FALSE(fits({0, 1ull << 32, 1ull << 32}));
  CHECK_FALSE(fits({1ull << 32, 1ull << 32, 0}));
}

TEST_CASE("shapes are written in brackets") {
  CHECK(formats::to_string(Shape{}) == "[]");
  CHECK(formats::to_string(Shape{3, 3, 1, 64}) == "[3, 3, 1, 64]");
  CHECK(formats::elements(Shape{}) == 1);
  CHECK(formats::elements(Shape{2, 3, 4}) == 24);
}
