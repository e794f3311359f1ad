// SPDX-License-Identifier: MIT
#include <ferlab/data/augmentation.hpp>
#include <ferlab/data/batches.hpp>

#include <cmath>
#include <set>
#include <vector>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::data;

namespace {

using Change = Augmenter::Change;

std::vector<float> changed(const Augmenter& augmenter, const Change& change, Shape shape,
                           const std::vector<std::uint8_t>& pixels) {
  std::vector<float> out;
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c)
        out.push_back(Augmenter::is_erased(change, y, x) ? 0 : augmenter.pixel(pixels.data(), change, y, x, c));
  return out;
}

std::vector<std::uint8_t> ramp(Shape shape) {
  std::vector<std::uint8_t> pixels;
  for (std::size_t i = 0; i < shape.size(); ++i) pixels.push_back(std::uint8_t(i * 41 % 251));
  return pixels;
}

constexpr int draws = 2000;

}  // namespace

TEST_CASE("Nothing to do leaves images as they are") {
  const Shape shape{5, 4, 2};
  const Augmenter none({}, shape);
  CHECK(none.is_none());
  CHECK(Augmenter{}.is_none());
  const auto pixels = ramp(shape);
  CHECK(changed(none, none.draw(1, 2, 3), shape, pixels) == std::vector<float>(pixels.begin(), pixels.end()));
}

TEST_CASE("A mirrored image has its columns in reverse, and half of the images are") {
  const Shape shape{3, 4, 2};
  const Augmenter mirror({.mirror = true}, shape);
  CHECK_FALSE(mirror.is_none());
  const auto pixels = ramp(shape);
  int mirrored = 0;
  for (int i = 0; i < draws; ++i) {
    const Change change = mirror.draw(1, 0, i);
    const auto found = changed(mirror, change, shape, pixels);
    if (found == std::vector<float>(pixels.begin(), pixels.end())) continue;
    ++mirrored;
    for (std::size_t y = 0; y < 3; ++y)
      for (std::size_t x = 0; x < 4; ++x)
        for (std::size_t c = 0; c < 2; ++c) REQUIRE(found[(y * 4 + x) * 2 + c] == pixels[(y * 4 + 3 - x) * 2 + c]);
  }
  CHECK(std::abs(mirrored - draws / 2) < 4 * std::sqrt(draws / 4.0));
}

TEST_CASE("A shift moves by parts of pixels, repeats the border, and stays within its bound") {
  const Shape shape{1, 4, 1};
  const Augmenter shift({.shift = 0.5f}, shape);
  const std::vector<std::uint8_t> pixels{10, 20, 40, 80};
  Change change;
  change.x0 = 65536 / 4;
  CHECK(changed(shift, change, shape, pixels) == std::vector<float>{12.5f, 25, 50, 80});
  change.x0 = -2 * 65536;
  CHECK(changed(shift, change, shape, pixels) == std::vector<float>{10, 10, 10, 20});
  int least = 0, most = 0;
  for (int i = 0; i < draws; ++i) {
    const Change drawn = shift.draw(1, 0, i);
    least = std::min(least, drawn.x0), most = std::max(most, drawn.x0);
    REQUIRE(std::abs(drawn.x0) <= 2 * 65536);  // half of 4 columns
    REQUIRE(std::abs(drawn.y0) <= 65536 / 2);  // half of 1 row
  }
  CHECK(least < -1.9 * 65536);
  CHECK(most > 1.9 * 65536);
}

TEST_CASE("A turn and a zoom have the angles and sizes that were asked for, about the middle") {
  const Shape shape{9, 9, 1};
  const Augmenter augmenter({.rotate = 30, .zoom = 0.2f}, shape);
  double angles[2] = {0, 0}, sizes[2] = {1, 1};
  for (int i = 0; i < draws; ++i) {
    const Change change = augmenter.draw(3, 1, i);
    const double size = 65536 / std::hypot(change.xx, change.xy);
    const double angle = std::atan2(change.xy, change.xx) * 180 / 3.14159265358979;
    REQUIRE(change.yy == change.xx);
    REQUIRE(change.yx == -change.xy);
    REQUIRE((change.x0 == 0 && change.y0 == 0));
    angles[0] = std::min(angles[0], angle), angles[1] = std::max(angles[1], angle);
    sizes[0] = std::min(sizes[0], size), sizes[1] = std::max(sizes[1], size);
    std::vector<std::uint8_t> pixels(81, 0);
    pixels[40] = 200;  // the middle stays where it is
    REQUIRE(changed(augmenter, change, shape, pixels)[40] == 200);
  }
  CHECK(angles[0] == Approx(-30).margin(0.1));
  CHECK(angles[1] == Approx(30).margin(0.1));
  CHECK(sizes[0] == Approx(0.8).margin(0.002));
  CHECK(sizes[1] == Approx(1.2).margin(0.002));

  Change quarter;  // what was above the middle comes to its right
  quarter.xx = quarter.yy = 0, quarter.xy = 65536, quarter.yx = -65536;
  std::vector<std::uint8_t> pixels(81, 0);
  pixels[4 * 9 + 7] = 200;  // three to the right
  const auto found = changed(augmenter, quarter, shape, pixels);
  CHECK(found[7 * 9 + 4] == 200);
}

TEST_CASE("As many images are erased as was asked for, by rectangles of all sizes and places") {
  const Shape shape{10, 20, 1};
  const Augmenter eraser({.erase = 0.25f, .erase_size = 0.5f}, shape);
  int erased = 0;
  std::set<int> heights, widths, tops, rights;
  for (int i = 0; i < draws; ++i) {
    const Change change = eraser.draw(1, 0, i);
    const int height = change.erased_bottom - change.erased_top, width = change.erased_right - change.erased_left;
    if (height == 0) continue;
    ++erased;
    REQUIRE((change.erased_top >= 0 && change.erased_left >= 0));
    REQUIRE((change.erased_bottom <= 10 && change.erased_right <= 20));
    heights.insert(height), widths.insert(width), tops.insert(change.erased_top), rights.insert(change.erased_right);
    const auto found = changed(eraser, change, shape, std::vector<std::uint8_t>(200, 1));
    REQUIRE(std::count(found.begin(), found.end(), 0.0f) == height * width);
  }
  CHECK(std::abs(erased - draws / 4) < 4 * std::sqrt(draws * 3 / 16.0));
  CHECK(heights == std::set<int>{1, 2, 3, 4, 5});
  CHECK((*widths.begin() == 1 && *widths.rbegin() == 10));
  CHECK((tops.size() == 10 && rights.size() == 20));
}

TEST_CASE("What an image undergoes depends on seed, step and place in the batch alone") {
  const Shape shape{8, 8, 1};
  const Augmenter augmenter({.shift = 0.3f, .rotate = 20}, shape);
  const auto same = [](const Change& a, const Change& b) { return a.x0 == b.x0 && a.xy == b.xy && a.y0 == b.y0; };
  const Change first = augmenter.draw(1, 2, 3);
  CHECK(same(augmenter.draw(1, 2, 3), first));
  CHECK_FALSE(same(augmenter.draw(2, 2, 3), first));
  CHECK_FALSE(same(augmenter.draw(1, 3, 3), first));
  CHECK_FALSE(same(augmenter.draw(1, 2, 4), first));
  // Pinned: a checkpoint must go on with the same images under any later version.
  CHECK(first.xx == 65431);
}

TEST_CASE("A batch of changed images is preprocessed, and erased pixels are 0 to the network") {
  const Shape shape{4, 4, 1};
  const Dataset set = Dataset::from_memory(shape, std::vector<std::uint8_t>(32, 100), {0, 1}, {"a", "b"});
  const Augmenter augmenter({.shift = 0.2f, .erase = 1}, shape);
  const std::uint32_t positions[] = {1, 0};
  std::vector<float> images(32);
  fill_batch(set, positions, Preprocessing{"", 2, 7}, AugmentedBatch{augmenter, 1, 0, 0}, images.data());
  int zeros = 0;
  for (float value : images) {
    REQUIRE((value == 207 || value == 0));
    zeros += value == 0;
  }
  CHECK((zeros >= 2 && zeros <= 16));
}

TEST_CASE("Two halves of a batch are changed as the whole") {
  const Shape shape{6, 5, 1};
  std::vector<std::uint8_t> pixels(4 * 30);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = std::uint8_t(7 * i);
  const Dataset set = Dataset::from_memory(shape, pixels, {0, 0, 0, 0}, {"a"});
  const Augmenter augmenter({.mirror = true, .shift = 0.3f, .rotate = 30, .erase = 0.5f}, shape);
  const std::uint32_t all[] = {3, 1, 0, 2}, first[] = {3}, rest[] = {1, 0, 2};
  std::vector<float> whole(120), parts(120);
  fill_batch(set, all, Preprocessing::raw(), AugmentedBatch{augmenter, 5, 7, 0}, whole.data());
  fill_batch(set, first, Preprocessing::raw(), AugmentedBatch{augmenter, 5, 7, 0}, parts.data());
  fill_batch(set, rest, Preprocessing::raw(), AugmentedBatch{augmenter, 5, 7, 1}, parts.data() + 30);
  CHECK(parts == whole);
}

TEST_CASE("Amounts out of range are named") {
  const Shape shape{4, 4, 1};
  CHECK_THROWS_WITH(Augmenter({.shift = 1.5f}, shape), Catch::Contains("shift") && Catch::Contains("1.5"));
  CHECK_THROWS_WITH(Augmenter({.rotate = -1}, shape), Catch::Contains("rotate"));
  CHECK_THROWS_WITH(Augmenter({.zoom = NAN}, shape), Catch::Contains("zoom"));
  CHECK_THROWS_WITH(Augmenter({.erase = 2}, shape), Catch::Contains("erase"));
  CHECK_THROWS_WITH(Augmenter({.erase_size = 0}, shape), Catch::Contains("erase_size"));
  CHECK_THROWS_AS(Augmenter({}, {20000, 4, 1}), ArgumentError);
}
