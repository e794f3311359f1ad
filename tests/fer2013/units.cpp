// SPDX-License-Identifier: MIT
// The parts of the fer2013 program that need no program: the crop that feeds the network, the tracker.
#include "face_image.hpp"
#include "face_tracker.hpp"
#include "support/catch.hpp"

using namespace fer2013;

namespace {

Picture pattern(int width, int height) {
  Picture image{width, height, 1, {}};
  for (int i = 0; i < width * height; ++i) image.pixels.push_back(std::uint8_t(i * 37 % 251));
  return image;
}

}  // namespace

TEST_CASE("a 48 x 48 face is taken as it is") {
  const Picture image = pattern(48, 48);
  CHECK(to_face(image) == image.pixels);
}

TEST_CASE("a 48 x 48 box is cut out as it is") {
  const Picture image = pattern(60, 70);
  const auto face = to_face(image, {5, 9, 48, 48});
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 48; ++x)
      REQUIRE(face[std::size_t(y * 48 + x)] == image.pixels[std::size_t((y + 9) * 60 + x + 5)]);
}

TEST_CASE("overlap is intersection over union") {
  CHECK(overlap({0, 0, 10, 10}, {0, 0, 10, 10}) == 1.0);
  CHECK(overlap({0, 0, 10, 10}, {5, 0, 10, 10}) == Approx(1.0 / 3));
  CHECK(overlap({0, 0, 10, 10}, {10, 0, 10, 10}) == 0.0);
}

TEST_CASE("a face that stays is smoothed, one elsewhere begins anew") {
  FaceTracker tracker(0.5f);
  tracker.begin_frame();
  CHECK(tracker.update({0, 0, 100, 100}, std::vector<float>{1, 0}).probabilities == std::vector<float>{1, 0});
  tracker.begin_frame();
  CHECK(tracker.update({10, 0, 100, 100}, std::vector<float>{0, 1}).probabilities == std::vector<float>{0.5f, 0.5f});
  CHECK(tracker.update({300, 0, 100, 100}, std::vector<float>{0, 1}).probabilities == std::vector<float>{0, 1});
}

TEST_CASE("two faces in one frame are never taken for one") {
  FaceTracker tracker(0.5f);
  tracker.begin_frame();
  tracker.update({0, 0, 100, 100}, std::vector<float>{1, 0});
  CHECK(tracker.update({5, 5, 100, 100}, std::vector<float>{0, 1}).probabilities == std::vector<float>{0, 1});
}

TEST_CASE("of two faces the one that overlaps more is followed") {
  FaceTracker tracker(0.5f);
  tracker.begin_frame();
  tracker.update({0, 0, 100, 100}, std::vector<float>{1, 0});
  tracker.update({40, 0, 100, 100}, std::vector<float>{0, 1});
  tracker.begin_frame();
  CHECK(tracker.update({36, 0, 100, 100}, std::vector<float>{0, 1}).probabilities == std::vector<float>{0, 1});
}

TEST_CASE("a face is remembered over ten frames without it, and then forgotten") {
  const int missed = GENERATE(9, 10);
  FaceTracker tracker(0.5f);
  tracker.begin_frame();
  tracker.update({0, 0, 100, 100}, std::vector<float>{1, 0});
  for (int i = 0; i < missed; ++i) tracker.begin_frame();
  tracker.begin_frame();
  const auto seen = tracker.update({0, 0, 100, 100}, std::vector<float>{0, 1}).probabilities;
  CHECK(seen == (missed == 9 ? std::vector<float>{0.5f, 0.5f} : std::vector<float>{0, 1}));
}
