// SPDX-License-Identifier: MIT
// The backend's memory as Eigen sees it, and the product of two matrices. Everything is row-major: a row is a pixel, or
// a sample.
#pragma once

#ifdef __CUDACC__
#error "ferlab: include ferlab/eigen.hpp in a .cpp file, not in CUDA code"
#endif

#include <Eigen/Core>
#include <algorithm>

#if defined(EIGEN_HAS_OPENMP) && !defined(EIGEN_DONT_PARALLELIZE)
#error \
    "ferlab: with OpenMP, Eigen allocates in every product; compile with -DEIGEN_DONT_PARALLELIZE, as ferlab::eigen does"
#endif

#include "ferlab/ops/geometry.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::detail {

using Eigen::Index;

template <class T>
using RowMajorMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using MatrixMap = Eigen::Map<RowMajorMatrix<T>>;
template <class T>
using ArrayMap = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
template <class T>
using RowMap = Eigen::Map<Eigen::Array<T, 1, Eigen::Dynamic>>;

/// A matrix is for products, an array is for arithmetic on each element.
template <class T>
MatrixMap<T> as_matrix(T* at, Index rows, Index columns) {
  return {at, rows, columns};
}
template <class T>
ArrayMap<T> as_array(T* at, Index rows, Index columns) {
  return {at, rows, columns};
}
template <class T>
RowMap<T> as_row(T* at, Index size) {
  return {at, size};
}

/// A value as a matrix for products, [samples][all the rest].
template <class T>
MatrixMap<T> as_matrix(const ops::Memory<T>& m, ops::Value v) {
  return {m[v], m.batch, Index(v.shape.size())};
}
/// A value as [pixels of the batch][channels], [samples][all the rest], or one long row.
template <class T>
ArrayMap<T> pixels(const ops::Memory<T>& m, ops::Value v) {
  return {m[v], m.rows(v), v.shape.channels};
}
template <class T>
ArrayMap<T> samples(const ops::Memory<T>& m, ops::Value v) {
  return {m[v], m.batch, Index(v.shape.size())};
}
template <class T>
RowMap<T> elements(const ops::Memory<T>& m, ops::Value v) {
  return {m[v], m.size(v)};
}

/// result += a * b. Eigen copies the pieces that a product works on into packed order: on the stack up to 128 KB
/// (EIGEN_STACK_ALLOCATION_LIMIT), in fresh memory above. So it gets products no larger than that, and allocates
/// nothing.
template <class T, class A, class B>
void add_product(MatrixMap<T> result, const A& a, const B& b) {
  constexpr Index side = 128, depth = 1024 / Index(sizeof(T));
  static_assert(side * depth * Index(sizeof(T)) == 128 * 1024);
  for (Index k = 0; k < a.cols(); k += depth)
    for (Index column = 0; column < b.cols(); column += side)
      for (Index row = 0; row < a.rows(); row += side) {
        const Index inner = std::min(depth, a.cols() - k);
        const Index width = std::min(side, b.cols() - column), height = std::min(side, a.rows() - row);
        result.block(row, column, height, width).noalias() +=
            a.block(row, k, height, inner) * b.block(k, column, inner, width);
      }
}
/// result = a * b.
template <class T, class A, class B>
void product(MatrixMap<T> result, const A& a, const B& b) {
  result.setZero();
  add_product(result, a, b);
}

/// What a layer does with its product: + bias (nullptr: none), then the activation. NaN stays NaN.
template <class T>
void add_bias_and_activate(MatrixMap<T> y, T* bias, ops::Activation activation) {
  if (bias) y.array().rowwise() += as_row(bias, y.cols());
  if (activation == ops::Activation::relu) y = (y.array() < T(0)).select(T(0), y);
}

/// sums [columns] = the sum over all rows. terms(first, count) is an expression of `count` of the rows; 64 rows are
/// added at a time, then these sums in double: the rounding error stays small however many rows there are.
template <class Terms>
void sum_rows(Index rows, RowMap<double> sums, const Terms& terms) {
  constexpr Index block = 64;
  sums.setZero();
  for (Index first = 0; first < rows; first += block)
    sums += terms(first, std::min(block, rows - first)).colwise().sum().template cast<double>();
}

}  // namespace ferlab::detail
