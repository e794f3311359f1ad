// SPDX-License-Identifier: MIT
#include "kernels/divisor.hpp"

#include <climits>

#include "ferlab/core/philox.hpp"
#include "support/catch.hpp"

using ferlab::kernels::Divisor;

TEST_CASE("Dividing by multiplying gives the quotient, at the borders of each and anywhere") {
  const ferlab::RandomStream random{.seed = 1, .purpose = ferlab::Purpose::data};
  const auto wrong = [](int d, int n) { return Divisor(d).quotient(n) != n / d; };
  int mistakes = 0;
  for (int d = 1; d < 2000; ++d)
    for (const int n : {0, 1, d - 1, d, d + 1, INT_MAX / d * d - 1, INT_MAX / d * d, INT_MAX}) mistakes += wrong(d, n);
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    const int n = int(random.below(2 * i, 0x80000000u)), d = int(random.below(2 * i + 1, 0x80000000u)) >> i % 31;
    mistakes += wrong(d > 0 ? d : 1, n) + wrong(d > 0 ? d : 1, INT_MAX);
  }
  CHECK(mistakes == 0);
}
