// SPDX-License-Identifier: MIT
// The product that all layers with kernels are made of, beyond the size of the pieces it is made in.
#include "eigen/strict_eigen.hpp"
#include "support/catch.hpp"
#include "support/fills.hpp"

using namespace ferlab;

namespace {

template <class T>
void check(Eigen::Index rows, Eigen::Index inner, Eigen::Index columns) {
  INFO(rows << " x " << inner << " times " << inner << " x " << columns);
  auto a_values = fills::integers<T>(std::size_t(rows * inner), 4, 1);
  auto b_values = fills::integers<T>(std::size_t(inner * columns), 4, 2);
  std::vector<T> found(std::size_t(rows * columns), T(1e9));
  const auto a = detail::as_matrix(a_values.data(), rows, inner);
  const auto b = detail::as_matrix(b_values.data(), inner, columns);
  const auto result = detail::as_matrix(found.data(), rows, columns);
  const detail::RowMajorMatrix<T> expected = a * b, a_t = a.transpose(), b_t = b.transpose();
  {
    const test::NoEigenAllocation forbidden;
    detail::product(result, a, b);
  }
  CHECK((result == expected));
  {
    const test::NoEigenAllocation forbidden;
    detail::product(result, a_t.transpose(), b_t.transpose());
    detail::add_product(result, a, b);
  }
  CHECK((result == 2 * expected));
}

}  // namespace

TEMPLATE_TEST_CASE("products of all sizes equal Eigen's, and allocate nothing", "", float, double) {
  for (const auto& [rows, inner, columns] : {std::array{1, 1, 1},
                                             {1, 300, 7},
                                             {300, 1, 5},
                                             {7, 5, 1},
                                             {1, 700, 300},
                                             {300, 700, 1},
                                             {130, 260, 129},
                                             {257, 513, 140}})
    check<TestType>(rows, inner, columns);
}
