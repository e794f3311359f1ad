// SPDX-License-Identifier: MIT
#include <ferlab/formats/crc32c.hpp>

#include <string>

#include "support/catch.hpp"

using namespace ferlab::formats;

TEST_CASE("crc32c gives the published values") {
  REQUIRE(crc32c("") == 0);
  REQUIRE(crc32c("123456789") == 0xe3069283);
  // RFC 3720, B.4
  REQUIRE(crc32c(std::string(32, '\0')) == 0x8a9136aa);
  REQUIRE(crc32c(std::string(32, '\xff')) == 0x62a8ab43);
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += char(i);
  REQUIRE(crc32c(rising) == 0x46dd794e);
}

TEST_CASE("crc32 gives the published values") {
  REQUIRE(crc32("123456789") == 0xcbf43926);
  REQUIRE(crc32("IEND") == 0xae426082);  // the last four bytes of every PNG
}

TEST_CASE("masked_crc32c is what stands in event files") {
  REQUIRE(masked_crc32c("\x1a\x11"
                        "CRC test, one two") == 0x5794d08a);
}
