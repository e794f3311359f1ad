// SPDX-License-Identifier: MIT
#include <ferlab/formats/inflate.hpp>

#include <string>

#include "formats/deflated.hpp"
#include "support/catch.hpp"

using namespace ferlab::test;
using ferlab::formats::inflate;

TEST_CASE("all kinds of blocks are decompressed") {
  const struct {
    std::string bytes, text;
  } cases[] = {{stored_hello, "hello"},      {fixed_hellos, "hello hello hello\n"},
               {dynamic_squares, squares()}, {dynamic_zeros, std::string(100'000, '\0')},
               {"\x01\0\0\xff\xff"s, ""},    {"\x03\0"s, ""}};
  for (const auto& [bytes, text] : cases) {
    std::string out = "what was there";
    CHECK(inflate(bytes, text.size(), out));
    CHECK(out == text);
  }
}

TEST_CASE("a stream of several blocks is decompressed") {
  std::string several = stored_hello, out;
  several[0] = '\0';  // not the last
  several += several + fixed_hellos;
  CHECK(inflate(several, 28, out));
  CHECK(out == "hellohellohello hello hello\n");
}

TEST_CASE("neither more nor less than the size comes out") {
  std::string out;
  for (const std::string& bytes : {stored_hello, fixed_hellos, dynamic_squares, dynamic_zeros}) {
    const std::size_t size = bytes == stored_hello      ? 5
                             : bytes == fixed_hellos    ? 18
                             : bytes == dynamic_squares ? 254
                                                        : 100'000;
    CHECK(inflate(bytes, size, out));
    for (const std::size_t other : {size - 1, size + 1, std::size_t(0)}) {
      CHECK_FALSE(inflate(bytes, other, out));
      CHECK(out.size() <= other);
    }
    CHECK_FALSE(inflate(bytes + '\0', size, out));
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) CHECK_FALSE(inflate(bytes.substr(0, cut), size, out));
  }
}

TEST_CASE("streams that mean nothing are refused") {
  std::string out;
  CHECK_FALSE(inflate("", 0, out));
  CHECK_FALSE(inflate("\x07", 0, out));                      // a fourth kind of block
  CHECK_FALSE(inflate("\x01\x05\0\xfb\xffhello"s, 5, out));  // a length that its complement denies
  CHECK_FALSE(inflate("\x03\x02\0"s, 3, out));               // a copy from before the beginning
  CHECK_FALSE(inflate("\x05\0"s, 0, out));
  // Codes whose lengths cannot be: all of one bit; and symbol 256, the end, without one.
  CHECK_FALSE(inflate("\x05\xe0\x49\x92\x24\x49\x92\x24\x49\x92\x24"s, 0, out));
  CHECK_FALSE(inflate("\x05\xe0\x03"s + std::string(100, '\0'), 0, out));
}

TEST_CASE("any byte of a stream may be another") {
  std::size_t right = 0;
  for (const std::string& good : {stored_hello, fixed_hellos, dynamic_squares})
    for (std::size_t i = 0; i < good.size(); ++i)
      for (int change = 1; change < 256; ++change) {
        std::string bytes = good, out;
        bytes[i] = static_cast<char>(bytes[i] ^ change);
        if (inflate(bytes, 254, out)) {
          CHECK(out.size() == 254);
          ++right;
        }
        CHECK(out.size() <= 254);
      }
  CHECK(right > 0);  // letters may be others: a checksum has to find that
}
