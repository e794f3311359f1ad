// SPDX-License-Identifier: MIT
// BatchNorm + MaxPool + Dropout in one go. The normalised image is never written, nor is a full-size gradient before
// the last. Needs windows that do not overlap: stride >= window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "ferlab/core/geometry.hpp"
#include "ferlab/core/philox.hpp"
#include "ferlab/cpu/batch_norm.hpp"
#include "ferlab/cpu/dropout.hpp"
#include "ferlab/cpu/max_pool.hpp"

namespace ferlab {
namespace detail {

/// Stands in argmax where dropout made the value zero, so that no pixel gets a gradient and the backward pass draws no
/// random numbers. Windows have at most 15 * 15 positions.
inline constexpr int dropped = 255;

}  // namespace detail

/// Bytes kept for the backward pass for each pooled value: where the maximum was.
constexpr std::size_t batch_norm_max_pool_dropout_saved_bytes(On<Cpu>) { return 1; }

/// y = dropout(max_pool(batch_norm(x))), bit for bit what the three ops give one after another, and with their
/// arguments. argmax is for the backward pass.
template <class T>
void batch_norm_max_pool_dropout_forward_training(const Cpu& cpu, const Pool2DGeometry& g, const T* x, const T* gamma,
                                                  const T* beta, const T* mean, const T* inv_std, float rate,
                                                  const RandomStream& stream, T* y, std::uint8_t* argmax, T* scratch) {
  T* const scale = scratch;
  for (int c = 0; c < g.channels; ++c) scale[c] = gamma[c] * inv_std[c];
  const auto normalization = [=]<class P>(std::ptrdiff_t c) {
    return [m = simd::load<P>(mean + c), s = simd::load<P>(scale + c), b = simd::load<P>(beta + c)](P value) {
      return detail::normalized(value, m, s, b);
    };
  };
  const T kept_scale = T(1) / (T(1) - T(rate));
  const auto drop = [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    detail::for_each_drop<T>(begin, end, rate, stream, [=]<class P>(std::ptrdiff_t i, auto keep) {
      simd::store(y + i, keep ? P(simd::load<P>(y + i) * kept_scale) : P{});
      simd::store_bytes<P>(argmax + i, keep ? simd::load_bytes<P>(argmax + i) : simd::Positions<P>{} + detail::dropped);
    });
  };
  detail::max_pool<true>(cpu, g, x, y, argmax, normalization, drop);
}

/// The gradients of the same, from argmax as the forward pass left it. dx is written whole; it may
/// not be dy. db: as batch_norm_backward's.
template <class T>
void batch_norm_max_pool_dropout_backward(const Cpu& cpu, const Pool2DGeometry& g, const T* x, const T* dy,
                                          const T* gamma, const T* mean, const T* inv_std, float rate,
                                          const RandomStream&, const std::uint8_t* argmax, T* dx, T* dgamma, T* dbeta,
                                          std::type_identity_t<T>* db, T* scratch) {
  const int channels = g.channels;
  const T kept_scale = T(1) / (T(1) - T(rate));
  const std::ptrdiff_t windows = std::ptrdiff_t(g.batch) * g.out_height * g.out_width;
  const auto window_terms = [=](std::ptrdiff_t window) {
    return [=, part = detail::Window(g, window), dy = dy + window * channels,
            argmax = argmax + window * channels]<class P>(std::ptrdiff_t c, P& products, P& sum) {
      const T* const corner = x + part.first_pixel * channels + c;
      const std::ptrdiff_t line = std::ptrdiff_t(g.width) * channels;
      const auto where = simd::load_bytes<P>(argmax + c);
      P value = simd::load<P>(corner);
      detail::for_each_tap(part.height, part.width, [&](int h, int w) {
        const T* const pixel = corner + h * line + w * channels;
        detail::prefetch_next_row(pixel, c, g.stride * line);
        const auto here = where == simd::Positions<P>{} + (part.first_position + h * g.window + w);
        value = here ? simd::load<P>(pixel) : value;
      });
      const P kept = where == simd::Positions<P>{} + detail::dropped ? P{} : P(simd::load<P>(dy + c) * kept_scale);
      products += kept * (value - simd::load<P>(mean + c));
      sum += kept;
    };
  };
  column_sums(cpu, windows, channels, window_terms, scratch, [=](int c, double products, double sum) {
    dgamma[c] = T(products * double(inv_std[c]));
    dbeta[c] = T(sum);
  });
  const std::ptrdiff_t pixels = std::ptrdiff_t(g.batch) * g.height * g.width;
  const detail::BatchNormSlope<T> slope(pixels, channels, gamma, mean, inv_std, dgamma, dbeta, scratch);
  detail::for_each_pixel(cpu, g, [&](std::ptrdiff_t pixel, const detail::Covering& covering) {
    const T* const in = x + pixel * channels;
    T* const out = dx + pixel * channels;
    bool covered = false;
    covering.visit(g, [&](std::ptrdiff_t window, int position) {
      const std::ptrdiff_t from = window * channels;
      simd::for_each_pack<T>(0, channels, [&]<class P>(std::ptrdiff_t c) {
        const auto here = simd::load_bytes<P>(argmax + from + c) == simd::Positions<P>{} + position;
        const P pooled = here ? P(simd::load<P>(dy + from + c) * kept_scale) : P{};
        simd::store(out + c, slope.dx(simd::load<P>(in + c), pooled, c));
      });
      covered = true;
    });
    if (covered) return;
    simd::for_each_pack<T>(
        0, channels, [&]<class P>(std::ptrdiff_t c) { simd::store(out + c, slope.dx(simd::load<P>(in + c), P{}, c)); });
  });
  if (db) relu_bias_backward(cpu, pixels, channels, x, dx, db);
}

/// y = max_pool(batch_norm(x)) with the moving averages: the same three layers at inference.
template <class T>
void batch_norm_max_pool_inference(const Cpu& cpu, const Pool2DGeometry& g, const T* x, const T* gamma, const T* beta,
                                   const T* moving_mean, const T* moving_variance, T epsilon, T* y) {
  const auto normalization = [=]<class P>(std::ptrdiff_t c) {
    return [m = simd::load<P>(moving_mean + c), s = detail::inference_scale<P>(gamma + c, moving_variance + c, epsilon),
            b = simd::load<P>(beta + c)](P value) { return detail::normalized(value, m, s, b); };
  };
  detail::max_pool<false>(cpu, g, x, y, nullptr, normalization, [](std::ptrdiff_t, std::ptrdiff_t) {});
}

}  // namespace ferlab
