// SPDX-License-Identifier: MIT
#include <ferlab/data/describe.hpp>
#include <ferlab/datasets/faces.hpp>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::datasets;

namespace {

bool same_image(const Dataset& a, std::size_t i, const Dataset& b, std::size_t k) {
  return std::equal(a.image(i).begin(), a.image(i).end(), b.image(k).begin(), b.image(k).end());
}

// Share of `test` whose nearest class mean of `train` is the right one: the simplest linear classifier.
double nearest_mean_accuracy(const Dataset& train, const Dataset& test) {
  const std::size_t size = train.shape().size(), classes = std::size_t(train.classes());
  std::vector<std::vector<double>> mean(classes, std::vector<double>(size));
  std::vector<double> count(classes);
  for (std::size_t i = 0; i < train.size(); ++i) {
    for (std::size_t k = 0; k < size; ++k) mean[train.label(i)][k] += train.image(i)[k];
    ++count[train.label(i)];
  }
  double right = 0;
  for (std::size_t i = 0; i < test.size(); ++i) {
    std::vector<double> distance(classes);
    for (std::size_t c = 0; c < classes; ++c)
      for (std::size_t k = 0; k < size; ++k) distance[c] += std::pow(test.image(i)[k] - mean[c][k] / count[c], 2);
    right += std::min_element(distance.begin(), distance.end()) - distance.begin() == test.label(i);
  }
  return right / double(test.size());
}

}  // namespace

TEST_CASE("faces have the form of fer2013") {
  const Dataset faces = make_faces({.count = 700});
  CHECK(faces.size() == 700);
  CHECK(faces.shape() == Shape{48, 48, 1});
  CHECK(faces.class_names() == fer2013_class_names());
  const auto [training, validation, test] = faces.split_by_usage();
  CHECK(training.size() == 560);
  CHECK(validation.size() == 70);
  CHECK(test.size() == 70);
  CHECK(validation.row(0) == 560);  // in the order of the file

  const data::Description d = describe(faces);
  CHECK(d.distinct_images == 700);
  CHECK(d.black == std::array<std::size_t, 4>{});
  const double percent[] = {14, 6, 14, 22, 16, 12, 16};
  for (std::size_t c = 0; c < 7; ++c)
    CHECK(double(d.counts[c][0] + d.counts[c][1] + d.counts[c][2]) / 7 == Approx(percent[c]).margin(4));
}

TEST_CASE("a face depends on seed and row alone") {
  const Dataset a = make_faces({.count = 20, .seed = 7}), b = make_faces({.count = 30, .seed = 7});
  const Dataset other = make_faces({.count = 20, .seed = 8});
  std::size_t different = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(a.label(i) == b.label(i));
    CHECK(same_image(a, i, b, i));
    different += !same_image(a, i, other, i);
  }
  CHECK(different == 20);
}

TEST_CASE("the labels of a seed never change between versions") {
  std::vector<int> labels;
  const Dataset faces = make_faces({.count = 12, .seed = 42});
  for (std::size_t i = 0; i < faces.size(); ++i) labels.push_back(faces.label(i));
  CHECK(labels == std::vector<int>{1, 6, 6, 2, 3, 3, 4, 3, 1, 2, 6, 4});
}

TEST_CASE("pixels use the range of greys and are not flat") {
  const Dataset faces = make_faces({.count = 50});
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto [low, high] = std::minmax_element(faces.image(i).begin(), faces.image(i).end());
    CHECK(*high - *low > 60);
  }
}

TEST_CASE("the expression shows in the picture, and a linear look does not find it") {
  // The same person in the same light, two expressions: what differs is in the face.
  using namespace detail;
  const auto drawn = [](int label) {
    Draw draw(1, 0);
    const Person person = draw_person(draw);
    Canvas canvas(48);
    canvas.place_head({0.5f, 0.5f}, 0.5f, 0);
    const Turn turn(0, 0);
    draw_head(canvas, person, turn);
    const Movement movement = expressions()[std::size_t(label)][1];
    draw_mouth(canvas, person, movement, turn);
    for (float side : {-1.0f, 1.0f}) {
      draw_eye(canvas, person, movement, turn, side, {});
      draw_brow(canvas, person, movement, turn, side);
    }
    return canvas.grey;
  };
  for (int a = 0; a < 7; ++a)
    for (int b = 0; b < a; ++b) {
      const auto x = drawn(a), y = drawn(b);
      int changed = 0;
      for (std::size_t i = 0; i < x.size(); ++i) changed += std::abs(x[i] - y[i]) > 0.1f;
      CAPTURE(a, b);
      CHECK(changed > 40);
    }
  const auto [training, validation, test] = make_faces({.count = 1500}).split_by_usage();
  CHECK(nearest_mean_accuracy(training, validation) < 0.45);
}

TEST_CASE("faces come in other sizes") {
  const Dataset small = make_faces({.count = 3, .size = 16}), large = make_faces({.count = 3, .size = 96});
  CHECK(small.shape() == Shape{16, 16, 1});
  CHECK(large.image(2).size() == 96 * 96);
  CHECK(small.label(1) == large.label(1));
}

TEST_CASE("a handful of faces is all Training") {
  CHECK(make_faces({.count = 9}).with_usage(Usage::training).size() == 9);
  CHECK(make_faces({.count = 10}).with_usage(Usage::private_test).size() == 1);
}

TEST_CASE("no faces, and faces too small to see, are refused") {
  CHECK_THROWS_AS(make_faces({.count = 0}), ArgumentError);
  CHECK_THROWS_WITH(make_faces({.size = 8}), Catch::Contains("size of 16 or more, got 10000 and 8"));
}

TEST_CASE("drawn numbers have the moments they should, and noise does not repeat them") {
  detail::Draw draw(3, 5);
  double sum = 0, squares = 0;
  const int n = 20000;
  for (int i = 0; i < n; ++i) {
    const double z = draw.normal();
    sum += z, squares += z * z;
  }
  CHECK(sum / n == Approx(0).margin(0.03));
  CHECK(squares / n == Approx(1).margin(0.04));
  std::vector<float> first(10), second(10);
  draw.add_noise(first, 1);
  draw.add_noise(second, 1);
  CHECK(first != second);
}
