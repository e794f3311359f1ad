// SPDX-License-Identifier: MIT
#include <ferlab/data/preprocessing.hpp>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::data;

TEST_CASE("raw leaves pixels, rescale brings them to 0..1") {
  const std::uint8_t pixels[] = {0, 51, 255};
  float out[3];
  Preprocessing::raw().apply(pixels, out);
  CHECK((out[0] == 0 && out[1] == 51 && out[2] == 255));
  double precise[3];
  Preprocessing::rescale().apply(pixels, precise);
  CHECK(precise[0] == 0);
  CHECK(precise[1] == Approx(0.2));
  CHECK(precise[2] == Approx(1));
}

TEST_CASE("standardize measures the part it is given, and no more") {
  const Dataset all = Dataset::from_memory({1, 2, 1}, {2, 4, 4, 6, 200, 250}, {0, 0, 0}, {"x"});
  const std::uint32_t first_two[] = {0, 1};
  const Dataset train = all.select(first_two);  // 2 4 4 6: mean 4, population variance 2
  const Preprocessing p = Preprocessing::standardize(train);
  CHECK(p.scale == Approx(1 / std::sqrt(2.0)));
  CHECK(p.offset == Approx(-4 / std::sqrt(2.0)));
  CHECK(p.name == "standardize");
  double out[2];
  p.apply(train.image(0), out);
  CHECK(out[0] == Approx(-std::sqrt(2.0)));
  CHECK(std::abs(out[1]) < 1e-6);
}

TEST_CASE("standardize refuses pixels without deviation") {
  CHECK_THROWS_AS(Preprocessing::standardize(Dataset{}), DataError);
  CHECK_THROWS_AS(Preprocessing::standardize(Dataset::from_memory({1, 2, 1}, {85, 85}, {0}, {"x"})), DataError);
}

TEST_CASE("preprocessings are equal when all of it is") {
  CHECK(Preprocessing::raw() == Preprocessing{});
  CHECK(Preprocessing::raw() != Preprocessing::rescale());
  Preprocessing other = Preprocessing::rescale();
  other.offset = 1;
  CHECK(other != Preprocessing::rescale());
}
