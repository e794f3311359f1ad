// SPDX-License-Identifier: MIT
#include <ferlab/formats/json.hpp>

#include "support/catch.hpp"

using namespace ferlab;
using formats::Json;

TEST_CASE("parse_json reads every kind of value") {
  Json json;
  REQUIRE(formats::parse_json(
      R"( {"a": [1, -2.5e3, 0], "b": {"c": "x\n\u00e9\ud83d\ude00\/"}, "t": true, "n": null, "a": 7} )", json));
  REQUIRE(json.is(Json::Kind::object));
  CHECK(json.members.size() == 5);
  CHECK(json.find("a")->items[1].text == "-2.5e3");
  CHECK(json.find("b")->find("c")->text == "x\n\xC3\xA9\xF0\x9F\x98\x80/");
  CHECK(json.find("t")->is(Json::Kind::boolean));
  CHECK(json.find("n")->is(Json::Kind::null));
  CHECK(json.find("nothing") == nullptr);
}

TEST_CASE("parse_json refuses what is not JSON") {
  for (std::string_view text : {"",
                                " ",
                                "{",
                                "}",
                                "[1,]",
                                "[1 2]",
                                "{\"a\"}",
                                "{\"a\":}",
                                "{a:1}",
                                "\"",
                                "\"\\x\"",
                                "\"\\u12\"",
                                "\"\\ud800\"",
                                "\"\\udc00x\"",
                                "01",
                                "1.",
                                ".5",
                                "+1",
                                "1e",
                                "--1",
                                "nul",
                                "truefalse",
                                "[1]x",
                                "\"\n\"",
                                "{\"a\":1,}",
                                "NaN",
                                "\"\xFF\"",
                                "\"\xC3\"",
                                "\"\xED\xA0\x80\"",
                                "\"\xC0\x80\""}) {
    Json json;
    INFO(text);
    CHECK_FALSE(formats::parse_json(text, json));
  }
  Json json;
  CHECK_FALSE(formats::parse_json(std::string_view("[1]\0", 4), json));
  CHECK_FALSE(formats::parse_json(std::string(100000, '['), json));
  CHECK_FALSE(formats::parse_json("\"\xED\xA0\x80\"", json));  // a surrogate is no character
}

TEST_CASE("parse_json refuses more values than a header has: they would take a hundred times the memory of the text") {
  const auto array_of = [](std::size_t count) {
    std::string text = "[0";
    for (std::size_t i = 1; i < count; ++i) text += ",0";
    return text + "]";
  };
  Json json, more;
  REQUIRE(formats::parse_json(array_of((1 << 20) - 1), json));
  CHECK(json.items.size() == (1 << 20) - 1);
  CHECK_FALSE(formats::parse_json(array_of(1 << 20), more));
}

TEST_CASE("utf8_length knows exactly the characters there are") {
  // RFC 3629, section 4, written down a second time: by decoding.
  const auto valid = [](std::string_view bytes) {
    const auto at = [&](std::size_t i) { return std::uint32_t(static_cast<unsigned char>(bytes[i])); };
    const std::size_t n = at(0) < 0x80 ? 1 : at(0) >> 5 == 6 ? 2 : at(0) >> 4 == 14 ? 3 : at(0) >> 3 == 30 ? 4 : 0;
    if (n < 2) return n;
    std::uint32_t code = at(0) & (0x7Fu >> n);
    for (std::size_t i = 1; i < n; ++i) {
      if (at(i) >> 6 != 2) return std::size_t(0);
      code = code << 6 | (at(i) & 63);
    }
    const std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return code >= least[n] && code < 0x110000 && code >> 11 != 0x1B ? n : 0;
  };
  std::size_t wrong = 0, characters = 0;
  for (std::uint32_t first = 0; first < 256; ++first)
    for (std::uint32_t second = 0; second < 256; ++second)
      for (std::uint32_t third : {0x00u, 0x7Fu, 0x80u, 0xBFu, 0xC0u, 0xFFu})
        for (std::uint32_t fourth : {0x00u, 0x7Fu, 0x80u, 0xBFu, 0xC0u, 0xFFu}) {
          const char bytes[] = {char(first), char(second), char(third), char(fourth)};
          const std::string_view text(bytes, 4);
          wrong += formats::detail::utf8_length(text) != valid(text);
          characters += formats::detail::utf8_length(text) == 4;
        }
  CHECK(wrong == 0);
  CHECK(characters > 0);
  CHECK(formats::detail::utf8_length("\xC3") == 0);
  CHECK(formats::detail::utf8_length("\xF0\x9F\x98") == 0);
}

TEST_CASE("json_quoted comes back as it went in, and is always UTF-8") {
  std::string text;
  for (int c = 0; c < 128; ++c) text += char(c);
  text += "\xC3\xA9\xF0\x9F\x98\x80";
  Json json;
  REQUIRE(formats::parse_json(formats::json_quoted(text), json));
  CHECK(json.text == text);
  CHECK(formats::json_quoted("a\xFF\xC3") == "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
  CHECK(formats::json_quoted("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}
