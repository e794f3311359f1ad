// SPDX-License-Identifier: MIT
// Ioffe and Szegedy, "Batch Normalization", 2015, as keras.layers.BatchNormalization (Keras 3): the variance is the
// biased one everywhere. x, y and their gradients are [rows][channels], rows = batch * height * width.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>

#include "ferlab/core/backend.hpp"
#include "ferlab/core/batch_statistics.hpp"
#include "ferlab/cpu/bias.hpp"
#include "ferlab/cpu/column_sums.hpp"
#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"

namespace ferlab {

/// T that the training passes need as scratch, whatever the number of rows.
constexpr std::size_t batch_norm_scratch_size(On<Cpu>, int channels) { return column_sums_scratch_size(channels); }

namespace detail {

/// mean = the mean of some rows spread over the matrix: close enough that sums of (x - mean)^2 lose no digits.
template <class T>
void pilot_mean(std::ptrdiff_t rows, int channels, const T* x, T* mean) {
  const std::ptrdiff_t count = std::min<std::ptrdiff_t>(rows, 64);
  std::fill_n(mean, channels, T(0));
  for (std::ptrdiff_t i = 0; i < count; ++i)
    for (int c = 0; c < channels; ++c) mean[c] += x[i * rows / count * channels + c];
  for (int c = 0; c < channels; ++c) mean[c] /= T(count);
}

/// The formula of every forward pass, here alone so that they agree to the bit; scale = gamma * inv_std.
template <class P>
P normalized(P x, P mean, P scale, P beta) {
  return (x - mean) * scale + beta;
}

template <class P, class T>
P inference_scale(const T* gamma, const T* moving_variance, T epsilon) {
  return simd::load<P>(gamma) * (1 / simd::square_root(P(simd::load<P>(moving_variance) + epsilon)));
}

/// The formula of every backward pass: dx = gamma * inv_std * (dy - mean of dy - xhat * mean of dy * xhat), from three
/// numbers a channel.
template <class T>
struct BatchNormSlope {
  const T *mean, *scale, *dy_mean, *product;

  /// Fills 3 * channels of `scratch`.
  BatchNormSlope(std::ptrdiff_t rows, int channels, const T* gamma, const T* mean_, const T* inv_std, const T* dgamma,
                 const T* dbeta, T* scratch)
      : mean(mean_), scale(scratch), dy_mean(scratch + channels), product(scratch + 2 * channels) {
    for (int c = 0; c < channels; ++c) {
      scratch[c] = gamma[c] * inv_std[c];
      scratch[channels + c] = T(double(dbeta[c]) / double(rows));
      scratch[2 * channels + c] = T(double(inv_std[c]) * double(dgamma[c]) / double(rows));
    }
  }
  template <class P>
  P dx(P x, P dy, std::ptrdiff_t c) const {
    return simd::load<P>(scale + c) *
           (dy - simd::load<P>(dy_mean + c) - (x - simd::load<P>(mean + c)) * simd::load<P>(product + c));
  }
};

/// body(row) for all rows of a [rows][channels] matrix, on all threads.
template <class Body>
void for_each_row(const Cpu& cpu, std::ptrdiff_t rows, int channels, const Body& body) {
  cpu.parallel_for(rows, 1 + 16384 / channels, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t row = begin; row < end; ++row) body(row);
  });
}

}  // namespace detail

/// The statistics of x, biased variance.
template <class T>
void batch_statistics(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* x, const BatchStatistics<T>& found,
                      T* scratch) {
  T* const mean = found.mean;
  detail::pilot_mean(rows, channels, x, mean);
  const auto row_terms = [=](std::ptrdiff_t row) {
    return [=, x = x + row * channels]<class P>(std::ptrdiff_t c, P& sum, P& squares) {
      const P d = simd::load<P>(x + c) - simd::load<P>(mean + c);
      sum += d;
      squares += d * d;
    };
  };
  column_sums(cpu, rows, channels, row_terms, scratch, [=](int c, double sum, double squares) {
    const double shift = sum / double(rows);
    const double variance = std::max(squares / double(rows) - shift * shift, 0.0);
    const T momentum = found.momentum;
    mean[c] = T(double(mean[c]) + shift);
    found.inv_std[c] = T(1 / std::sqrt(variance + double(found.epsilon)));
    found.moving_mean[c] = momentum * found.moving_mean[c] + (1 - momentum) * mean[c];
    found.moving_variance[c] = momentum * found.moving_variance[c] + (1 - momentum) * T(variance);
  });
}

/// y = gamma * (x - mean) * inv_std + beta with batch_statistics' mean and inv_std.
template <class T>
void batch_norm_forward_training(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* x, const T* gamma,
                                 const T* beta, const T* mean, const T* inv_std, T* y, T* scratch) {
  T* const scale = scratch;
  for (int c = 0; c < channels; ++c) scale[c] = gamma[c] * inv_std[c];
  detail::for_each_row(cpu, rows, channels, [=](std::ptrdiff_t row) {
    simd::for_each_pack<T>(0, channels, [&, at = row * channels]<class P>(std::ptrdiff_t c) {
      simd::store(y + at + c, detail::normalized(simd::load<P>(x + at + c), simd::load<P>(mean + c),
                                                 simd::load<P>(scale + c), simd::load<P>(beta + c)));
    });
  });
}

/// y from the moving averages. y may be x.
template <class T>
void batch_norm_forward_inference(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* x, const T* gamma,
                                  const T* beta, const T* moving_mean, const T* moving_variance, T epsilon, T* y) {
  // Four rows at a time share a scale: the root and the division cost more than the rest.
  cpu.parallel_for((rows + 3) / 4, 1 + 4096 / channels, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t row = 4 * begin; row < std::min(rows, 4 * end); row += 4) {
      const int count = int(std::min<std::ptrdiff_t>(4, rows - row));
      simd::for_each_pack<T>(0, channels, [&]<class P>(std::ptrdiff_t c) {
        const P scale = detail::inference_scale<P>(gamma + c, moving_variance + c, epsilon);
        const P mean = simd::load<P>(moving_mean + c), shift = simd::load<P>(beta + c);
        for (int r = 0; r < count; ++r) {
          const std::ptrdiff_t at = (row + r) * channels + c;
          simd::store(y + at, detail::normalized(simd::load<P>(x + at), mean, scale, shift));
        }
      });
    }
  });
}

/// dgamma = sum of dy * xhat, dbeta = sum of dy, dx = gamma * inv_std * (dy - dbeta / rows - xhat * dgamma / rows),
/// where xhat = (x - mean) * inv_std. dx may be dy. Where x came out of a bias and a ReLU, db is not nullptr: dx is
/// then taken on through both, relu_bias_backward(x, dx, db).
template <class T>
void batch_norm_backward(const Cpu& cpu, std::ptrdiff_t rows, int channels, const T* x, const T* dy, const T* gamma,
                         const T* mean, const T* inv_std, T* dx, T* dgamma, T* dbeta, std::type_identity_t<T>* db,
                         T* scratch) {
  const auto row_terms = [=](std::ptrdiff_t row) {
    return [=, x = x + row * channels, dy = dy + row * channels]<class P>(std::ptrdiff_t c, P& products, P& sum) {
      const P d = simd::load<P>(dy + c);
      products += d * (simd::load<P>(x + c) - simd::load<P>(mean + c));
      sum += d;
    };
  };
  column_sums(cpu, rows, channels, row_terms, scratch, [=](int c, double products, double sum) {
    dgamma[c] = T(products * double(inv_std[c]));
    dbeta[c] = T(sum);
  });
  const detail::BatchNormSlope<T> slope(rows, channels, gamma, mean, inv_std, dgamma, dbeta, scratch);
  detail::for_each_row(cpu, rows, channels, [=](std::ptrdiff_t row) {
    simd::for_each_pack<T>(0, channels, [&, at = row * channels]<class P>(std::ptrdiff_t c) {
      simd::store(dx + at + c, slope.dx(simd::load<P>(x + at + c), simd::load<P>(dy + at + c), c));
    });
  });
  if (db) relu_bias_backward(cpu, rows, channels, x, dx, db);
}

}  // namespace ferlab
