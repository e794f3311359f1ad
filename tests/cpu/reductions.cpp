// SPDX-License-Identifier: MIT
#include "ferlab/cpu/reductions.hpp"

#include "support/catch.hpp"
#include "support/fills.hpp"

using namespace ferlab;
using namespace ferlab::detail;

TEMPLATE_TEST_CASE("the squared norm is exact where it can be, the same on any number of threads", "", float, double) {
  for (std::size_t n : {1u, 3u, 1000u, 70001u, 2'000'003u}) {
    const auto x = fills::integers<TestType>(n, 1000, n);
    std::int64_t expected = 0;
    for (TestType value : x) expected += std::int64_t(value) * std::int64_t(value);
    CHECK(squared_norm(Cpu(2), std::ptrdiff_t(n), x.data()) == double(expected));
    const auto y = fills::normals<TestType>(n, n);
    const double one = squared_norm(Cpu(1), std::ptrdiff_t(n), y.data());
    for (int threads : {2, 3, 5}) CHECK(squared_norm(Cpu(threads), std::ptrdiff_t(n), y.data()) == one);
  }
}

TEST_CASE("the squared norm of large floats does not overflow, of nothing is 0") {
  const std::vector<float> x(5, 1e30f);
  CHECK(squared_norm(Cpu(1), 5, x.data()) == Approx(5e60));
  CHECK(squared_norm(Cpu(1), 0, x.data()) == 0);
}

TEST_CASE("chunks cover everything once and depend on the sizes alone") {
  for (std::ptrdiff_t n : {0, 1, 63, 64, 65, 1000, 1'000'003})
    for (std::ptrdiff_t smallest : {1, 64, 5000}) {
      const Chunks chunks(n, smallest);
      CHECK(chunks.count <= max_chunks);
      CHECK(chunks.size >= smallest);
      CHECK(chunks.count * chunks.size >= n);
      CHECK((chunks.count - 1) * chunks.size < std::max<std::ptrdiff_t>(n, 1));
    }
}
