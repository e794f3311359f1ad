// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "ferlab/cpu/bias.hpp"
#include "ferlab/cpu/column_sums.hpp"
#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"
#include "ferlab/ops/batch_norm.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab {

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

/// Bytes of scratch that the training passes need for T of up to 8 bytes, whatever the number of rows.
constexpr std::size_t batch_norm_scratch(int channels) { return sizeof(double) * column_sums_scratch_size(channels); }

}  // namespace detail

namespace ops {

constexpr std::size_t scratch_size(const Cpu*, const BatchStatistics& op) {
  return detail::batch_norm_scratch(op.x.shape.channels);
}
constexpr std::size_t scratch_size(const Cpu*, const BatchNorm& op) {
  return detail::batch_norm_scratch(op.x.shape.channels);
}
constexpr std::size_t scratch_size(const Cpu*, const BatchNormBackward& op) {
  return detail::batch_norm_scratch(op.x.shape.channels);
}

template <class T>
void run(const Cpu& cpu, const BatchStatistics& op, const Memory<T>& m) {
  const std::ptrdiff_t rows = m.rows(op.x);
  const int channels = op.x.shape.channels;
  const T* const x = m[op.x];
  T *const mean = m[op.mean], *const inv_std = m[op.inv_std];
  T *const moving_mean = m[op.moving_mean], *const moving_variance = m[op.moving_variance];
  const T epsilon = T(m[op.epsilon]), momentum = T(m[op.momentum]);
  detail::pilot_mean(rows, channels, x, mean);
  const auto row_terms = [=](std::ptrdiff_t row) {
    return [=, x = x + row * channels]<class P>(std::ptrdiff_t c, P& sum, P& squares) {
      const P d = simd::load<P>(x + c) - simd::load<P>(mean + c);
      sum += d;
      squares += d * d;
    };
  };
  detail::column_sums(cpu, rows, channels, row_terms, m.template scratch<T>(op.scratch),
                      [=](int c, double sum, double squares) {
                        const double shift = sum / double(rows);
                        const double variance = std::max(squares / double(rows) - shift * shift, 0.0);
                        mean[c] = T(double(mean[c]) + shift);
                        inv_std[c] = T(1 / std::sqrt(variance + double(epsilon)));
                        moving_mean[c] = momentum * moving_mean[c] + (1 - momentum) * mean[c];
                        moving_variance[c] = momentum * moving_variance[c] + (1 - momentum) * T(variance);
                      });
}

template <class T>
void run(const Cpu& cpu, const BatchNorm& op, const Memory<T>& m) {
  const std::ptrdiff_t rows = m.rows(op.x);
  const int channels = op.x.shape.channels;
  const T *const x = m[op.x], *const gamma = m[op.gamma], *const beta = m[op.beta];
  const T *const mean = m[op.mean], *const inv_std = m[op.inv_std];
  T *const y = m[op.y], *const scale = m.template scratch<T>(op.scratch);
  for (int c = 0; c < channels; ++c) scale[c] = gamma[c] * inv_std[c];
  detail::for_each_row(cpu, rows, channels, [=](std::ptrdiff_t row) {
    simd::for_each_pack<T>(0, channels, [&, at = row * channels]<class P>(std::ptrdiff_t c) {
      simd::store(y + at + c, detail::normalized(simd::load<P>(x + at + c), simd::load<P>(mean + c),
                                                 simd::load<P>(scale + c), simd::load<P>(beta + c)));
    });
  });
}

template <class T>
void run(const Cpu& cpu, const BatchNormInference& op, const Memory<T>& m) {
  const std::ptrdiff_t rows = m.rows(op.x);
  const int channels = op.x.shape.channels;
  const T *const x = m[op.x], *const gamma = m[op.gamma], *const beta = m[op.beta];
  const T *const moving_mean = m[op.moving_mean], *const moving_variance = m[op.moving_variance];
  const T epsilon = T(m[op.epsilon]);
  T* const y = m[op.y];
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

template <class T>
void run(const Cpu& cpu, const BatchNormBackward& op, const Memory<T>& m) {
  const std::ptrdiff_t rows = m.rows(op.x);
  const int channels = op.x.shape.channels;
  const T *const x = m[op.x], *const dy = m[op.dy], *const gamma = m[op.gamma];
  const T *const mean = m[op.mean], *const inv_std = m[op.inv_std];
  T *const dx = m[op.dx], *const dgamma = m[op.dgamma], *const dbeta = m[op.dbeta];
  T* const scratch = m.template scratch<T>(op.scratch);
  const auto row_terms = [=](std::ptrdiff_t row) {
    return [=, x = x + row * channels, dy = dy + row * channels]<class P>(std::ptrdiff_t c, P& products, P& sum) {
      const P d = simd::load<P>(dy + c);
      products += d * (simd::load<P>(x + c) - simd::load<P>(mean + c));
      sum += d;
    };
  };
  detail::column_sums(cpu, rows, channels, row_terms, m.template scratch<T>(op.scratch),
                      [=](int c, double products, double sum) {
                        dgamma[c] = T(products * double(inv_std[c]));
                        dbeta[c] = T(sum);
                      });
  const detail::BatchNormSlope<T> slope(rows, channels, gamma, mean, inv_std, dgamma, dbeta, scratch);
  detail::for_each_row(cpu, rows, channels, [=](std::ptrdiff_t row) {
    simd::for_each_pack<T>(0, channels, [&, at = row * channels]<class P>(std::ptrdiff_t c) {
      simd::store(dx + at + c, slope.dx(simd::load<P>(x + at + c), simd::load<P>(dy + at + c), c));
    });
  });
  if (op.drelu_bias) detail::mask_and_sum(cpu, rows, channels, x, dx, m[op.drelu_bias]);
}

}  // namespace ops

}  // namespace ferlab
