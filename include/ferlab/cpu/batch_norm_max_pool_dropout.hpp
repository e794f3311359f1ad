// SPDX-License-Identifier: MIT
// BatchNorm + MaxPool + Dropout in one go. The normalised image is never written, nor is a full-size gradient before
// the last. Needs windows that do not overlap: stride >= window.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ferlab/cpu/batch_norm.hpp"
#include "ferlab/cpu/dropout.hpp"
#include "ferlab/cpu/max_pool.hpp"
#include "ferlab/ops/batch_norm_max_pool_dropout.hpp"

namespace ferlab {
namespace detail {

/// Stands in argmax where dropout made the value zero, so that no pixel gets a gradient and the backward pass draws no
/// random numbers. Windows have at most 15 * 15 positions.
inline constexpr int dropped = 255;

}  // namespace detail

namespace ops {

constexpr std::size_t scratch_size(const Cpu* cpu, const BatchNormMaxPoolDropout& op) {
  return scratch_size(cpu, op.norm);
}
constexpr std::size_t scratch_size(const Cpu* cpu, const BatchNormMaxPoolDropoutBackward& op) {
  return scratch_size(cpu, op.norm);
}

/// Bit for bit what the three ops give one after another. `saved`: where the maximum was, a byte for each pooled value.
template <class T>
void run(const Cpu& cpu, const BatchNormMaxPoolDropout& op, const Memory<T>& m) {
  const ops::Pool2DGeometry g = m.of(op.pool.geometry);
  const T *const gamma = m[op.norm.gamma], *const beta = m[op.norm.beta];
  const T *const mean = m[op.norm.mean], *const inv_std = m[op.norm.inv_std];
  const float rate = m[op.dropout.rate];
  const ops::StepStream stream = m.stream(op.dropout.layer);
  const std::ptrdiff_t first = std::ptrdiff_t(stream.state->first_sample) * std::ptrdiff_t(op.dropout.y.shape.size());
  T* const y = m[op.dropout.y];
  std::uint8_t* const argmax = m[op.saved];
  T* const scale = m.template scratch<T>(op.scratch);
  for (int c = 0; c < g.channels; ++c) scale[c] = gamma[c] * inv_std[c];
  const auto normalization = [=]<class P>(std::ptrdiff_t c) {
    return [m = simd::load<P>(mean + c), s = simd::load<P>(scale + c), b = simd::load<P>(beta + c)](P value) {
      return detail::normalized(value, m, s, b);
    };
  };
  const T kept_scale = T(1) / (T(1) - T(rate));
  const auto drop = [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    const auto apply = [=]<class P>(std::ptrdiff_t place, auto keep) {
      const std::ptrdiff_t i = place - first;
      simd::store(y + i, keep ? P(simd::load<P>(y + i) * kept_scale) : P{});
      simd::store_bytes<P>(argmax + i, keep ? simd::load_bytes<P>(argmax + i) : simd::Positions<P>{} + detail::dropped);
    };
    detail::for_each_drop<T>(first + begin, first + end, rate, stream, apply);
  };
  detail::max_pool<true>(cpu, g, m[op.norm.x], y, argmax, normalization, drop);
}

template <class T>
void run(const Cpu& cpu, const BatchNormMaxPoolDropoutBackward& op, const Memory<T>& m) {
  const ops::Pool2DGeometry g = m.of(op.pool.geometry);
  const BatchNormBackward& norm = op.norm;
  const T *const x = m[norm.x], *const dy = m[op.dropout.dy], *const gamma = m[norm.gamma];
  const T *const mean = m[norm.mean], *const inv_std = m[norm.inv_std];
  const float rate = m[op.dropout.rate];
  const std::uint8_t* const argmax = m[op.saved];
  T *const dx = m[norm.dx], *const dgamma = m[norm.dgamma], *const dbeta = m[norm.dbeta];
  T* const scratch = m.template scratch<T>(op.scratch);
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
  detail::column_sums(cpu, windows, channels, window_terms, scratch, [=](int c, double products, double sum) {
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
  if (norm.drelu_bias) detail::mask_and_sum(cpu, pixels, channels, x, dx, m[norm.drelu_bias]);
}

template <class T>
void run(const Cpu& cpu, const BatchNormMaxPoolInference& op, const Memory<T>& m) {
  const ops::Pool2DGeometry g = m.of(op.pool.geometry);
  const T *const gamma = m[op.norm.gamma], *const beta = m[op.norm.beta];
  const T *const moving_mean = m[op.norm.moving_mean], *const moving_variance = m[op.norm.moving_variance];
  const T epsilon = T(m[op.norm.epsilon]);
  const auto normalization = [=]<class P>(std::ptrdiff_t c) {
    return [m = simd::load<P>(moving_mean + c), s = detail::inference_scale<P>(gamma + c, moving_variance + c, epsilon),
            b = simd::load<P>(beta + c)](P value) { return detail::normalized(value, m, s, b); };
  };
  detail::max_pool<false>(cpu, g, m[op.norm.x], m[op.pool.y], nullptr, normalization,
                          [](std::ptrdiff_t, std::ptrdiff_t) {});
}

}  // namespace ops

}  // namespace ferlab
