// SPDX-License-Identifier: MIT
#include <ferlab/exchange/layouts.hpp>

#include <numeric>

#include "support/catch.hpp"

using namespace ferlab;
using exchange::Array;

static Array counted(std::vector<std::size_t> shape) {
  std::size_t n = 1;
  for (std::size_t d : shape) n *= d;
  Array array{"a", std::move(shape), std::vector<float>(n)};
  std::iota(array.values.begin(), array.values.end(), 0.f);
  return array;
}

TEST_CASE("axes change places as in numpy.transpose") {
  const Array a = exchange::transposed(counted({2, 3}), {1, 0});
  CHECK(a.shape == std::vector<std::size_t>{3, 2});
  CHECK(a.values == std::vector<float>{0, 3, 1, 4, 2, 5});
  const Array b = exchange::transposed(counted({2, 3, 4, 5}), {3, 2, 0, 1});
  CHECK(b.shape == std::vector<std::size_t>{5, 4, 2, 3});
  // b[o][i][h][w] is a[h][w][i][o]
  CHECK(b.values[((4 * 4 + 2) * 2 + 1) * 3 + 2] == ((1 * 3 + 2) * 4 + 2) * 5 + 4);
  CHECK(exchange::transposed(counted({0, 3}), {1, 0}).shape == std::vector<std::size_t>{3, 0});
}

TEST_CASE("a kernel that goes to PyTorch's layout and back is the same") {
  for (const auto& kernel : {counted({3, 3, 2, 5}), counted({4, 7})}) {
    const Array back = exchange::out_last(exchange::out_first(kernel));
    CHECK(back.shape == kernel.shape);
    CHECK(back.values == kernel.values);
  }
  CHECK(exchange::out_first(counted({1, 1, 2, 3})).values == std::vector<float>{0, 3, 1, 4, 2, 5});
}

TEST_CASE("features of a flattened image change their order") {
  const Array rows = counted({12, 2});  // 2 x 3 pixels of 2 channels, 2 units
  const Array first = exchange::channels_first_features(rows, {2, 3, 2});
  CHECK(first.shape == rows.shape);
  // Feature c * 6 + y * 3 + x is what (y * 3 + x) * 2 + c was.
  CHECK(first.values[(1 * 6 + 1 * 3 + 2) * 2] == ((1 * 3 + 2) * 2 + 1) * 2);
  CHECK(exchange::channels_last_features(first, {2, 3, 2}).values == rows.values);
}
