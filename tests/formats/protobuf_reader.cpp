// SPDX-License-Identifier: MIT
// What the writer writes, the reader reads; and what is no protocol buffer.
#include <ferlab/formats/protobuf.hpp>
#include <ferlab/formats/protobuf_reader.hpp>

#include <limits>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace ferlab;
using formats::ProtoMessage;
using formats::ProtoReader;

namespace {

const std::string name = "bad.pb";

/// Why the bytes are refused when every field is gone through.
std::string error(const std::string& bytes) {
  try {
    for (ProtoReader fields(bytes, name); fields.next();) continue;
  } catch (const FormatError& e) {
    return e.what();
  }
  return "read";
}

}  // namespace

TEST_CASE("fields of every kind are read as they were written") {
  ProtoMessage inner, message;
  inner.text(1, "inside");
  message.integer(1, -1).integer(2, 300).number(3, 2.5f).number(4, -0.125).text(5, "text").message(6, inner);
  message.integer(100'000, std::numeric_limits<std::int64_t>::max());
  ProtoReader fields(message.bytes, name);
  REQUIRE((fields.next() && fields.number() == 1 && fields.integer() == -1));
  REQUIRE((fields.next() && fields.number() == 2 && fields.integer() == 300));
  REQUIRE((fields.next() && fields.number() == 3 && fields.single() == 2.5f));
  REQUIRE((fields.next() && fields.number() == 4));  // skipped
  REQUIRE((fields.next() && fields.number() == 5 && fields.text() == "text"));
  CHECK(fields.text().data() >= message.bytes.data());  // a view
  REQUIRE((fields.next() && fields.number() == 6));
  ProtoReader inside = fields.message();
  REQUIRE((inside.next() && inside.number() == 1 && inside.text() == "inside"));
  CHECK_FALSE(inside.next());
  REQUIRE((fields.next() && fields.number() == 100'000));
  CHECK(fields.integer() == std::numeric_limits<std::int64_t>::max());
  CHECK_FALSE(fields.next());
  CHECK_FALSE(ProtoReader("", name).next());
}

TEST_CASE("repeated numbers, packed or one by one") {
  const std::string packed("\x0a\x04\x01\xac\x02\x03", 6), single("\x08\x01\x08\xac\x02\x08\x03", 7);
  for (const std::string& bytes : {packed, single}) {
    std::vector<std::int64_t> found;
    for (ProtoReader fields(bytes, name); fields.next();)
      fields.integers([&](std::int64_t value) { found.push_back(value); });
    CHECK(found == std::vector<std::int64_t>{1, 300, 3});
  }
  std::string raw;
  for (const double value : {1.5, -2.0}) formats::append_little_endian(raw, value);
  for (const ProtoMessage& message : {ProtoMessage().text(1, raw), ProtoMessage().number(1, 1.5).number(1, -2.0)}) {
    std::vector<double> found;
    for (ProtoReader fields(message.bytes, name); fields.next();)
      fields.floats<double>([&](double value) { found.push_back(value); });
    CHECK(found == std::vector<double>{1.5, -2});
  }
}

TEST_CASE("what is no protocol buffer is refused with the place") {
  const auto damaged = [](const std::string& what) { return "bad.pb: not a protocol buffer, or damaged: " + what; };
  CHECK(error("\x0a\x05hell") == damaged("field 1 is cut short: it needs 5 bytes, there are 4, at byte 2"));
  CHECK(error("\x0d\x01") == damaged("field 1 is cut short: it needs 4 bytes, there are 1, at byte 1"));
  CHECK(error("\x09\x01") == damaged("field 1 is cut short: it needs 8 bytes, there are 1, at byte 1"));
  CHECK(error("\x08\x80") == damaged("a number is cut short, at byte 2"));
  CHECK(error("\x08") == damaged("a number is cut short, at byte 1"));
  CHECK(error("\x08" + std::string(10, '\x80') + "\x01") == damaged("a number is longer than 64 bits, at byte 11"));
  CHECK(error("\x0b\x0c") == damaged("field 1 is of the unknown kind 3, at byte 1"));  // a group
  CHECK(error("\x0f") == damaged("field 1 is of the unknown kind 7, at byte 1"));
  CHECK(error(std::string(1, '\0')) == damaged("a field's number is 0, at byte 1"));
  CHECK(error("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01") ==
        damaged("field 1 is cut short: it needs 18446744073709551615 bytes, there are 0, at byte 11"));
}

TEST_CASE("a field that holds another kind of value than is asked for is refused") {
  const std::string integer = ProtoMessage().integer(3, 1).bytes, text = ProtoMessage().text(3, "12345").bytes;
  ProtoReader numbers(integer, name), words(text, name);
  numbers.next();
  words.next();
  CHECK_THROWS_WITH(numbers.text(), Catch::Contains("field 3 is not text or a message"));
  CHECK_THROWS_WITH(numbers.single(), Catch::Contains("field 3 is not a float"));
  CHECK_THROWS_WITH(words.integer(), Catch::Contains("field 3 is not an integer"));
  CHECK_THROWS_WITH(words.floats<float>([](float) {}),
                    Catch::Contains("field 3 has 5 bytes, expected a multiple of 4"));
}
