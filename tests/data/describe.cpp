// SPDX-License-Identifier: MIT
#include <ferlab/data/describe.hpp>
#include <ferlab/datasets/fer2013.hpp>

#include <cstdlib>
#include <sstream>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::data;
using Catch::Contains;

namespace {

constexpr Usage train = Usage::training, pub = Usage::public_test, priv = Usage::private_test;

// Images of nine pixels (eight and a rest) that differ in the last one only.
Dataset rows(const std::vector<std::array<int, 3>>& image_label_usage) {
  Storage s{.image_shape = {3, 3, 1}, .class_names = {"a", "b"}};
  for (const auto& [image, label, usage] : image_label_usage) {
    s.pixels.insert(s.pixels.end(), 8, 0);
    s.pixels.push_back(std::uint8_t(image));
    s.labels.push_back(std::uint8_t(label));
    s.usages.push_back(Usage(usage));
    s.lines.push_back(0);
  }
  return Dataset(std::move(s));
}

}  // namespace

TEST_CASE("describe counts classes, copies, conflicts and black images") {
  const Description d = describe(rows({{5, 0, int(train)},  // three times in Training, once with another label
                                       {5, 0, int(train)},
                                       {5, 1, int(train)},
                                       {6, 1, int(train)},  // in Training and twice in PublicTest
                                       {6, 1, int(pub)},
                                       {6, 1, int(pub)},
                                       {0, 0, int(pub)},  // black
                                       {5, 0, int(priv)},
                                       {9, no_label, int(priv)}}));
  CHECK(d.rows == 9);
  CHECK(d.counts == std::vector<std::array<std::size_t, 4>>{{2, 1, 1, 0}, {2, 2, 0, 0}});
  CHECK(d.unlabelled == 1);
  CHECK(d.distinct_images == 4);
  CHECK(d.repeated_images == 2);
  CHECK(d.conflicting_images == 1);
  CHECK(d.conflicting_rows == 4);
  CHECK(d.copies_within == std::array<std::size_t, 4>{2, 1, 0, 0});
  CHECK(d.black == std::array<std::size_t, 4>{0, 1, 0, 0});
  REQUIRE(d.shared.size() == 4);
  const auto shared = [&](std::size_t i, Usage part, Usage other, std::size_t n, std::size_t images) {
    const SharedRows& s = d.shared[i];
    CHECK((s.part == part && s.other == other && s.rows == n && s.images == images));
  };
  shared(0, train, pub, 1, 1);
  shared(1, train, priv, 3, 1);
  shared(2, pub, train, 2, 1);
  shared(3, priv, train, 1, 1);
}

TEST_CASE("the tail is the last five rows of the data set as it is viewed") {
  std::vector<std::array<int, 3>> many;
  for (int i = 0; i < 8; ++i) many.push_back({i, i % 2, int(train)});
  const Description d = describe(rows(many));
  REQUIRE(d.tail.size() == 5);
  CHECK(d.tail[0].position == 3);
  CHECK(d.tail[0].label == 1);
  CHECK(d.tail[4].pixels == "0 0 0 0 0 0 0 0 7");
  CHECK(describe(rows({{1, 0, int(pub)}})).tail.size() == 1);
}

TEST_CASE("long rows of pixels are cut where pandas cuts them") {
  std::vector<std::uint8_t> pixels(100, 255);
  const Dataset data = Dataset::from_memory({10, 10, 1}, pixels, {0}, {"x"});
  CHECK(describe(data).tail[0].pixels == "255 255 255 255 255 255 255 255 255 255 255 25...");
}

TEST_CASE("a description prints as a table") {
  std::ostringstream out;
  out << describe(rows({{5, 0, int(train)}, {5, 1, int(pub)}, {0, 0, int(train)}}));
  CHECK(out.str() ==
        "3 images of 3x3x1\n"
        "\n"
        "                   Training   PublicTest       all\n"
        "0 a                       2            0         2\n"
        "1 b                       0            1         1\n"
        "all                       2            1         3\n"
        "\n"
        "Distinct images: 2; 1 of them occur more than once, 1 of those with different labels (2 rows)\n"
        "Rows in two Usages: 1 Training rows (1 images) also stand in PublicTest\n"
        "Rows in two Usages: 1 PublicTest rows (1 images) also stand in Training\n"
        "All black: 1 Training\n"
        "\n"
        "       emotion                                             pixels        Usage\n"
        "0            0                                  0 0 0 0 0 0 0 0 5     Training\n"
        "1            1                                  0 0 0 0 0 0 0 0 5   PublicTest\n"
        "2            0                                  0 0 0 0 0 0 0 0 0     Training\n");
}

TEST_CASE("nothing can be described") {
  const Description d = describe(Dataset{});
  CHECK(d.rows == 0);
  CHECK(d.distinct_images == 0);
  CHECK_THAT(to_string(d), Contains("0 images"));
}

// What is known of the real data set: its published counts, and the copies counted from the text of the file.
TEST_CASE("the real fer2013.csv is as it is known to be") {
  const char* path = std::getenv("FERLAB_FER2013_CSV");
  if (!path) {
    WARN("SKIPPED: set FERLAB_FER2013_CSV to the path of fer2013.csv");
    return;
  }
  const Description d = describe(datasets::read_fer2013(path));
  const std::size_t training[] = {3995, 436, 4097, 7215, 4830, 3171, 4965};
  const std::size_t public_test[] = {467, 56, 496, 895, 653, 415, 607};
  REQUIRE(d.counts.size() == 7);
  for (std::size_t c = 0; c < 7; ++c) {
    CHECK(d.counts[c][0] == training[c]);
    CHECK(d.counts[c][1] == public_test[c]);
  }
  CHECK(d.black[0] == 11);
  bool found = false;
  for (const SharedRows& s : d.shared)
    if (s.part == pub && s.other == train) {
      found = true;
      CHECK(s.rows == 280);
      CHECK(s.images == 270);
    }
  CHECK(found);
  if (d.rows == 28709 + 3589) {  // without PrivateTest
    CHECK(d.distinct_images == 30766);
    CHECK(d.repeated_images == 1273);
    CHECK(d.conflicting_rows == 129);
  }
}
