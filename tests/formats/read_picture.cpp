// SPDX-License-Identifier: MIT
#include <ferlab/formats/read_picture.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using namespace ferlab::formats;
using Catch::Contains;

namespace {

// A file with these bytes, read.
Picture read(const std::string& bytes, const PictureDecoder& decoder = {}) {
  const test::TemporaryFolder folder;
  test::write_file(folder / "picture", bytes);
  return read_picture(folder / "picture", decoder);
}

}  // namespace

TEST_CASE("Netpbm pictures are read, plain and raw, grey and colour") {
  using Bytes = std::vector<std::uint8_t>;
  CHECK(read("P2 # a comment\n3 1\n255\n1 2 250\n").pixels == Bytes{1, 2, 250});
  CHECK(read("P5\n2 1\n255\nAz").pixels == Bytes{'A', 'z'});
  const Picture colours = read("P3 3 1 255 255 0 0 0 255 0 0 0 255");
  CHECK((colours.width == 3 && colours.height == 1 && colours.channels == 3));
  CHECK(colours.pixels == Bytes{255, 0, 0, 0, 255, 0, 0, 0, 255});
  CHECK(with_channels(colours, 1).pixels == Bytes{76, 150, 29});
  CHECK(read("P6\n1 1\n255\nABC").pixels == Bytes{'A', 'B', 'C'});
  CHECK(with_channels(read("P5\n2 1\n255\nAz"), 3).pixels == Bytes{'A', 'A', 'A', 'z', 'z', 'z'});
}

TEST_CASE("damaged Netpbm pictures are refused") {
  for (const char* bytes :
       {"P5\n4 4\n255\nabc", "P5\n4", "P5\n0 4\n255\n", "P5\n1 1\n65535\nab", "P2 2 1 255 1 300", "P2 2 1 255 1    ",
        "P6\n2 1\n255\nabcde", "P2 100000000 1 255 1", "P5\n99999999 99999999\n255\n"}) {
    CAPTURE(bytes);
    CHECK_THROWS_AS(read(bytes), FormatError);
  }
  CHECK_THROWS_AS(read_picture("no such file.pgm"), IoError);
}

TEST_CASE("what is no Netpbm picture goes to the decoder, if it is whole and not too large") {
  const auto decoder = [](std::string_view bytes) -> Picture {
    if (bytes == "wrong") return {2, 2, 1, {1, 2, 3}};
    if (bytes == "alpha") return {1, 1, 4, {1, 2, 3, 4}};
    if (bytes == "none") throw FormatError("not to be read");
    if (bytes == "odd") throw 1;
    return {1, 1, 1, {std::uint8_t(bytes.size())}};
  };
  CHECK(read("some bytes", decoder).pixels == std::vector<std::uint8_t>{10});
  CHECK_THROWS_WITH(read("none", decoder), Contains("picture: not to be read"));
  CHECK_THROWS_WITH(read("odd", decoder), Contains("picture: the decoder failed"));
  CHECK_THROWS_WITH(read("wrong", decoder), Contains("the decoder gave 3 bytes for 2x2 pixels of 1 channels"));
  CHECK_THROWS_AS(read("alpha", decoder), FormatError);
  CHECK_THROWS_WITH(read("\xff\xd8\xff", decoder), Contains("cut short"));
  CHECK_THROWS_WITH(read("", decoder), Contains("empty"));
  CHECK_THROWS_WITH(read("BM" + std::string(16, 'x') + std::string(8, '\x7f'), decoder), Contains("the most is 100"));
  CHECK_THROWS_WITH(read("some bytes"), Contains("ferlab/opencv.hpp") && Contains("ferlab::opencv"));
}
