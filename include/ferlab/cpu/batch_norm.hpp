// SPDX-License-Identifier: MIT
// Ioffe and Szegedy, "Batch Normalization", 2015, as keras.layers.BatchNormalization (Keras 3): the variance is the
// biased one everywhere. x, y and their gradients are [rows][channels], rows = batch * height * width.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "ferlab/core/backend.hpp"
#include "ferlab/cpu/column_sums.hpp"
#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"

namespace ferlab {

/// T that the training passes need as scratch, whatever the number of rows.
constexpr std::size_t batch_norm_scratch_size(On<Cpu>, int channels) { return column_sums_scratch_size(channels); }

namespace detail {

/// Some numbers for each channel of a tile.
template <class T, int Count>
struct ChannelTile {
  T value[Count][channel_tile];
};

/// mean = the mean of some rows spread over the matrix: close enough that sums of (x - mean)^2 lose no digits.
template <class T>
void pilot_mean(std::ptrdiff_t rows, int channels, const T* x, T* mean) {
  const std::ptrdiff_t count = std::min<std::ptrdiff_t>(rows, 64);
  std::fill_n(mean, channels, T(0));
  for (std::ptrdiff_t i = 0; i < count; ++i)
    for (int c = 0; c < channels; ++c) mean[c] += x[i * rows / count * channels + c];
  for (int c = 0; c < channels; ++c) mean[c] /= T(count);
}

/// The batch's mean and 1 / sqrt(variance + epsilon), and the step of the moving averages.
template <class T>
void batch_statistics(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* x, T epsilon, T momentum, T* mean,
                      T* inv_std, T* moving_mean, T* moving_variance, T* scratch) {
  pilot_mean(rows, channels, x, mean);
  const auto add = [=]<class P>(std::ptrdiff_t row, std::ptrdiff_t c, P& sum, P& squares) {
    const P d = simd::load<P>(x + row * channels + c) - simd::load<P>(mean + c);
    sum += d;
    squares += d * d;
  };
  column_sums(cpu, rows, channels, add, scratch, [=](int c, double sum, double squares) {
    const double shift = sum / double(rows);
    const double variance = std::max(squares / double(rows) - shift * shift, 0.0);
    mean[c] = T(double(mean[c]) + shift);
    inv_std[c] = T(1 / std::sqrt(variance + double(epsilon)));
    moving_mean[c] = momentum * moving_mean[c] + (1 - momentum) * mean[c];
    moving_variance[c] = momentum * moving_variance[c] + (1 - momentum) * T(variance);
  });
}

/// What both forward passes compute, here alone so that they agree to the bit.
template <class P>
P normalized(P x, P mean, P scale, P beta) {
  return (x - mean) * scale + beta;
}

/// y = (x - mean) * gamma * inv_std(c) + beta.
template <class T, class InvStd>
void normalize(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* x, const T* gamma, const T* beta,
               const T* mean, const InvStd& inv_std, T* y) {
  const auto prepare = [=](int first, int width) {
    ChannelTile<T, 1> scale;
    for (int c = 0; c < width; ++c) scale.value[0][c] = gamma[first + c] * inv_std(first + c);
    return scale;
  };
  for_each_row(
      cpu, rows, channels, prepare, [=](std::ptrdiff_t row, int first, int width, const ChannelTile<T, 1>& tile) {
        const std::ptrdiff_t offset = row * channels + first;
        simd::for_each_pack<T>(0, width, [&]<class P>(std::ptrdiff_t c) {
          simd::store(y + offset + c, normalized(simd::load<P>(x + offset + c), simd::load<P>(mean + first + c),
                                                 simd::load<P>(tile.value[0] + c), simd::load<P>(beta + first + c)));
        });
      });
}

/// The row's part of dx = gamma * inv_std * (dy - mean of dy - xhat * mean of (dy * xhat)), dy given by dy_at<P>(c).
template <class T>
ChannelTile<T, 3> batch_norm_backward_tile(std::ptrdiff_t rows, int first, int width, const T* gamma, const T* inv_std,
                                           const T* dgamma, const T* dbeta) {
  ChannelTile<T, 3> tile;
  for (int c = 0; c < width; ++c) {
    tile.value[0][c] = gamma[first + c] * inv_std[first + c];
    tile.value[1][c] = T(double(dbeta[first + c]) / double(rows));
    tile.value[2][c] = T(double(inv_std[first + c]) * double(dgamma[first + c]) / double(rows));
  }
  return tile;
}
template <class P, class T>
P batch_norm_dx(P x, P dy, P mean, const ChannelTile<T, 3>& tile, std::ptrdiff_t c) {
  return simd::load<P>(tile.value[0] + c) *
         (dy - simd::load<P>(tile.value[1] + c) - (x - mean) * simd::load<P>(tile.value[2] + c));
}

}  // namespace detail

/// y = gamma * (x - mean) * inv_std + beta with the batch's mean and inv_std = 1 / sqrt(variance + epsilon), which are
/// kept for the backward pass; moving = momentum * moving + (1 - momentum) * batch.
template <class T>
void batch_norm_forward_training(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* x, const T* gamma,
                                 const T* beta, T epsilon, T momentum, T* y, T* mean, T* inv_std, T* moving_mean,
                                 T* moving_variance, T* scratch) {
  detail::batch_statistics(cpu, rows, channels, x, epsilon, momentum, mean, inv_std, moving_mean, moving_variance,
                           scratch);
  detail::normalize(
      cpu, rows, channels, x, gamma, beta, mean, [=](int c) { return inv_std[c]; }, y);
}

/// y from the moving averages. y may be x.
template <class T>
void batch_norm_forward_inference(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* x, const T* gamma,
                                  const T* beta, const T* moving_mean, const T* moving_variance, T epsilon, T* y) {
  const auto inv_std = [=](int c) { return T(1 / std::sqrt(double(moving_variance[c]) + double(epsilon))); };
  detail::normalize(cpu, rows, channels, x, gamma, beta, moving_mean, inv_std, y);
}

/// dgamma = sum of dy * xhat, dbeta = sum of dy, dx = gamma * inv_std * (dy - dbeta / rows - xhat * dgamma / rows),
/// where xhat = (x - mean) * inv_std. dx may be dy.
template <class T>
void batch_norm_backward(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* x, const T* dy, const T* gamma,
                         const T* mean, const T* inv_std, T* dx, T* dgamma, T* dbeta, T* scratch) {
  const auto add = [=]<class P>(std::ptrdiff_t row, std::ptrdiff_t c, P& products, P& sum) {
    const P d = simd::load<P>(dy + row * channels + c);
    products += d * (simd::load<P>(x + row * channels + c) - simd::load<P>(mean + c));
    sum += d;
  };
  column_sums(cpu, rows, channels, add, scratch, [=](int c, double products, double sum) {
    dgamma[c] = T(products * double(inv_std[c]));
    dbeta[c] = T(sum);
  });
  const auto prepare = [=](int first, int width) {
    return detail::batch_norm_backward_tile(rows, first, width, gamma, inv_std, dgamma, dbeta);
  };
  for_each_row(cpu, rows, channels, prepare, [=](std::ptrdiff_t row, int first, int width, const auto& tile) {
    const std::ptrdiff_t offset = row * channels + first;
    simd::for_each_pack<T>(0, width, [&]<class P>(std::ptrdiff_t c) {
      simd::store(dx + offset + c, detail::batch_norm_dx(simd::load<P>(x + offset + c), simd::load<P>(dy + offset + c),
                                                         simd::load<P>(mean + first + c), tile, c));
    });
  });
}

}  // namespace ferlab
