// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "ferlab/eigen/bias.hpp"
#include "ferlab/eigen/context.hpp"
#include "ferlab/eigen/matrix.hpp"
#include "ferlab/ops/batch_norm.hpp"

namespace ferlab {

namespace detail {

/// y = (x - mean) * scale + beta, row by row.
template <class T>
void normalize(ArrayMap<T> x, RowMap<T> mean, RowMap<T> scale, RowMap<T> beta, ArrayMap<T> y) {
  y = ((x.rowwise() - mean).rowwise() * scale).rowwise() + beta;
}

}  // namespace detail

namespace ops {

constexpr std::size_t scratch_size(const EigenCpu*, const BatchStatistics& op) {
  return sizeof(double) * std::size_t(op.x.shape.channels);
}
constexpr std::size_t scratch_size(const EigenCpu*, const BatchNorm& op) {
  return sizeof(double) * std::size_t(op.x.shape.channels);
}
constexpr std::size_t scratch_size(const EigenCpu*, const BatchNormInference& op) {
  return sizeof(double) * std::size_t(op.x.shape.channels);
}
constexpr std::size_t scratch_size(const EigenCpu*, const BatchNormBackward& op) {
  return 5 * sizeof(double) * std::size_t(op.x.shape.channels);
}

/// The mean first, then the mean of the squares around it.
template <class T>
void run(const EigenCpu&, const BatchStatistics& op, const Memory<T>& m) {
  const auto x = detail::pixels(m, op.x);
  const Eigen::Index channels = x.cols();
  const auto row_of = [&](auto ref) { return detail::as_row(m[ref], channels); };
  auto mean = row_of(op.mean), moving_mean = row_of(op.moving_mean), moving_variance = row_of(op.moving_variance);
  auto sums = detail::as_row(m.template scratch<double>(op.scratch), channels);
  detail::sum_rows(x.rows(), sums, [&](Eigen::Index first, Eigen::Index count) { return x.middleRows(first, count); });
  mean = (sums / double(x.rows())).template cast<T>();
  detail::sum_rows(x.rows(), sums, [&](Eigen::Index first, Eigen::Index count) {
    return (x.middleRows(first, count).rowwise() - mean).square();
  });
  sums /= double(x.rows());  // the variance
  row_of(op.inv_std) = (sums + double(T(m[op.epsilon]))).rsqrt().template cast<T>();
  const T momentum = T(m[op.momentum]);
  moving_mean = momentum * moving_mean + (1 - momentum) * mean;
  moving_variance = momentum * moving_variance + (1 - momentum) * sums.template cast<T>();
}

template <class T>
void run(const EigenCpu&, const BatchNorm& op, const Memory<T>& m) {
  const auto row_of = [&](auto ref) { return detail::as_row(m[ref], op.x.shape.channels); };
  auto scale = detail::as_row(m.template scratch<T>(op.scratch), op.x.shape.channels);
  scale = row_of(op.gamma) * row_of(op.inv_std);
  detail::normalize(detail::pixels(m, op.x), row_of(op.mean), scale, row_of(op.beta), detail::pixels(m, op.y));
}

template <class T>
void run(const EigenCpu&, const BatchNormInference& op, const Memory<T>& m) {
  const auto row_of = [&](auto ref) { return detail::as_row(m[ref], op.x.shape.channels); };
  auto scale = detail::as_row(m.template scratch<T>(op.scratch), op.x.shape.channels);
  const T epsilon = T(m[op.epsilon]);
  // std::sqrt, for Eigen's own is an approximation.
  scale = row_of(op.gamma) * row_of(op.moving_variance).unaryExpr([=](T v) { return 1 / std::sqrt(v + epsilon); });
  detail::normalize(detail::pixels(m, op.x), row_of(op.moving_mean), scale, row_of(op.beta), detail::pixels(m, op.y));
}

template <class T>
void run(const EigenCpu& eigen, const BatchNormBackward& op, const Memory<T>& m) {
  const auto x = detail::pixels(m, op.x), dy = detail::pixels(m, op.dy);
  auto dx = detail::pixels(m, op.dx);
  const Eigen::Index rows = x.rows(), channels = x.cols();
  const auto row_of = [&](auto ref) { return detail::as_row(m[ref], channels); };
  const auto mean = row_of(op.mean), inv_std = row_of(op.inv_std), gamma = row_of(op.gamma);
  double* const scratch = m.template scratch<double>(op.scratch);
  auto sums = detail::as_row(scratch, channels), products = detail::as_row(scratch + channels, channels);
  detail::sum_rows(rows, sums, [&](Eigen::Index first, Eigen::Index count) { return dy.middleRows(first, count); });
  detail::sum_rows(rows, products, [&](Eigen::Index first, Eigen::Index count) {
    return dy.middleRows(first, count) * ((x.middleRows(first, count).rowwise() - mean).rowwise() * inv_std);
  });
  row_of(op.dbeta) = sums.template cast<T>();
  row_of(op.dgamma) = products.template cast<T>();

  T* const factors = reinterpret_cast<T*>(scratch + 2 * channels);
  auto dy_mean = detail::as_row(factors, channels), slope = detail::as_row(factors + channels, channels);
  auto scale = detail::as_row(factors + 2 * channels, channels);
  dy_mean = (sums / double(rows)).template cast<T>();
  slope = (inv_std.template cast<double>() * products / double(rows)).template cast<T>();
  scale = gamma * inv_std;
  dx = ((dy.rowwise() - dy_mean) - (x.rowwise() - mean).rowwise() * slope).rowwise() * scale;
  if (op.drelu_bias)
    run(eigen, ReLUBiasBackward{.y = op.x, .dy = op.dx, .dx = op.dx, .dbias = op.drelu_bias, .scratch = op.scratch}, m);
}

}  // namespace ops

}  // namespace ferlab
