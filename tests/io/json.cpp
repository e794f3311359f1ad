// SPDX-License-Identifier: MIT
#include <ferlab/io/json.hpp>

#include "support/catch.hpp"

using namespace ferlab;
using io::Json;

TEST_CASE("parse_json reads every kind of value") {
  Json json;
  REQUIRE(io::parse_json(
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
  for (std::string_view text :
       {"",          " ",     "{",      "}",          "[1,]",      "[1 2]",       "{\"a\"}",
        "{\"a\":}",  "{a:1}", "\"",     "\"\\x\"",    "\"\\u12\"", "\"\\ud800\"", "\"\\udc00x\"",
        "01",        "1.",    ".5",     "+1",         "1e",        "--1",         "nul",
        "truefalse", "[1]x",  "\"\n\"", "{\"a\":1,}", "NaN",       "\"\xFF\"",    "\"\xC3\""}) {
    Json json;
    INFO(text);
    CHECK_FALSE(io::parse_json(text, json));
  }
  Json json;
  CHECK_FALSE(io::parse_json(std::string_view("[1]\0", 4), json));
  CHECK_FALSE(io::parse_json(std::string(100000, '['), json));
}

TEST_CASE("json_quoted comes back as it went in, and is always UTF-8") {
  std::string text;
  for (int c = 0; c < 128; ++c) text += char(c);
  text += "\xC3\xA9\xF0\x9F\x98\x80";
  Json json;
  REQUIRE(io::parse_json(io::json_quoted(text), json));
  CHECK(json.text == text);
  CHECK(io::json_quoted("a\xFF\xC3") == "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
}
