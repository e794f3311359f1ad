// SPDX-License-Identifier: MIT
// BatchNorm + MaxPool + Dropout in one go, for windows that do not overlap (stride >= window). With 2x2 windows, in
// tensors of x's size: forward moves 1.5 (x, a quarter each y and the kept maxima) and a byte per pooled value,
// backward 2.75; the layers one by one move 3.75 and 6.75. The statistics that both need are one more. The sums that
// the backward pass needs come from the pooled values.
#pragma once

#include "kernels/batch_norm.cuh"
#include "kernels/batch_norm_max_pool_dropout.hpp"
#include "kernels/dropout.cuh"
#include "kernels/max_pool.cuh"

namespace ferlab::kernels {

/// Stands in argmax where dropout made the value zero: no pixel gets its gradient. Windows have at most 15 * 15
/// positions.
inline constexpr std::uint8_t dropped = 255;

/// The maximum of the normalised window, kept or dropped. Kept: where it was, and x there.
template <class S>
struct NormalizePoolDrop {
  ops::Pool2DGeometry g;
  const S* x;
  S *y, *maxima;
  std::uint8_t* argmax;
  TrainingNormalization source;
  DropoutMask mask;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [*this, c, norm = source.template at<N>(c)](std::ptrdiff_t window) {
      Maximum<N> best;
      Floats<N> from;  // x at the maximum
      for_each_tap<N>(
          g, Window(g, int(window)), x + c,
          [&](const Floats<N>& value, int at) {
            best.value = norm(value);
            from = value;
            for (int i = 0; i < N; ++i) best.position.v[i] = std::uint8_t(at);
          },
          [&](const Floats<N>& value, int at) {
            best.meet(norm(value), at);
            for (int i = 0; i < N; ++i)
              if (best.position.v[i] == at) from.v[i] = value.v[i];
          });
      const std::ptrdiff_t to = window * g.channels + c;
      const Floats<N> factors = mask.template at<N>(to);
      for (int i = 0; i < N; ++i) {
        if (!(factors.v[i] > 0)) best.position.v[i] = dropped;
        best.value.v[i] = factors.v[i] > 0 ? best.value.v[i] * factors.v[i] : 0.0f;
      }
      store(y + to, best.value);
      store(maxima + to, from);
      *reinterpret_cast<Positions<N>*>(argmax + to) = best.position;
    };
  }
};

template <class Policy, class S>
void run(cudaStream_t stream, const BatchNormMaxPoolDropout<S>& op) {
  const ops::Pool2DGeometry& g = op.geometry;
  const DropoutMask mask(op.random, op.rate, std::ptrdiff_t(g.out_height) * g.out_width * g.channels);
  const TrainingNormalization norm{op.gamma, op.beta, op.mean, op.inv_std};
  with_width<S>(g.channels, [&]<int N>(std::integral_constant<int, N>) {
    for_each_row<Policy, N>(stream, windows_of(g), g.channels,
                            NormalizePoolDrop<S>{g, op.x, op.y, op.maxima, op.argmax, norm, mask});
  });
}
template <class S>
void run(cudaStream_t stream, const BatchNormMaxPoolDropout<S>& op) {
  run<RowsPolicy>(stream, op);
}

template <class S>
struct PooledGradientTerms {
  const S *maxima, *dy;
  const std::uint8_t* argmax;
  const float* mean;
  float scale;
  int channels;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [*this, c, mean = load<N>(mean + c)](std::ptrdiff_t window, Floats<N>(&sums)[2]) {
      const std::ptrdiff_t at = window * channels + c;
      const Floats<N> value = load<N>(maxima + at), slope = load<N>(dy + at);
      const auto where = *reinterpret_cast<const Positions<N>*>(argmax + at);
      for (int i = 0; i < N; ++i) {
        const float kept = where.v[i] == dropped ? 0.0f : slope.v[i] * scale;
        sums[0].v[i] += kept * (value.v[i] - mean.v[i]);
        sums[1].v[i] += kept;
      }
    };
  }
};

template <class S>
struct PooledGradient {
  ops::Pool2DGeometry g;
  const S *x, *dy;
  const std::uint8_t* argmax;
  float scale;
  BatchNormSlopes slopes;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [*this, c, slope = slopes.template at<N>(c)](std::ptrdiff_t pixel) {
      Floats<N> pooled{};
      for_each_covering(g, int(pixel), [&](std::ptrdiff_t window, int position) {
        const std::ptrdiff_t from = window * g.channels + c;
        const auto where = *reinterpret_cast<const Positions<N>*>(argmax + from);
        const Floats<N> value = load<N>(dy + from);
        for (int i = 0; i < N; ++i) pooled.v[i] = where.v[i] == position ? value.v[i] * scale : 0.0f;
      });
      XAndGradient<N> here{load<N>(x + pixel * g.channels + c), pooled};
      for (int i = 0; i < N; ++i) here.dx.v[i] = slope(here.x.v[i], pooled.v[i], i);
      return here;
    };
  }
};

template <class Policy, class S, class G>
void run(cudaStream_t stream, const BatchNormMaxPoolDropoutBackward<S, G>& op) {
  const ops::Pool2DGeometry& g = op.geometry;
  const BatchNormGradientFinish<G> finish(op, g.channels, op.scratch + column_sums_scratch_size<Policy>(g.channels, 2));
  const BatchNormSlopes slopes{
      op.gamma, op.mean, op.inv_std, finish.exact_dgamma, finish.exact_dbeta, float(1.0 / double(pixels_of(g)))};
  const float scale = 1.0f / (1.0f - op.rate);
  with_width<S>(g.channels, [&]<int N>(std::integral_constant<int, N>) {
    column_sums<Policy, N, 2>(stream, windows_of(g), g.channels,
                              PooledGradientTerms<S>{op.maxima, op.dy, op.argmax, op.mean, scale, g.channels}, finish,
                              op.scratch);
    store_gradient<Policy, N>(stream, pixels_of(g), g.channels,
                              PooledGradient<S>{g, op.x, op.dy, op.argmax, scale, slopes}, op.dx, op.drelu_bias,
                              op.scratch);
  });
}
template <class S, class G>
void run(cudaStream_t stream, const BatchNormMaxPoolDropoutBackward<S, G>& op) {
  run<RowsPolicy>(stream, op);
}

template <class S>
struct NormalizePool {
  ops::Pool2DGeometry g;
  const S* x;
  S* y;
  InferenceNormalization source;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [*this, c, norm = source.template at<N>(c)](std::ptrdiff_t window) {
      Maximum<N> best;
      for_each_tap<N>(
          g, Window(g, int(window)), x + c, [&](const Floats<N>& value, int) { best.value = norm(value); },
          [&](const Floats<N>& value, int at) { best.meet(norm(value), at); });
      store(y + window * g.channels + c, best.value);
    };
  }
};

template <class Policy, class S>
void run(cudaStream_t stream, const BatchNormMaxPoolInference<S>& op) {
  const ops::Pool2DGeometry& g = op.geometry;
  const InferenceNormalization norm{op.gamma, op.beta, op.moving_mean, op.moving_variance, op.epsilon};
  with_width<S>(g.channels, [&]<int N>(std::integral_constant<int, N>) {
    for_each_row<Policy, N>(stream, windows_of(g), g.channels, NormalizePool<S>{g, op.x, op.y, norm});
  });
}
template <class S>
void run(cudaStream_t stream, const BatchNormMaxPoolInference<S>& op) {
  run<RowsPolicy>(stream, op);
}

}  // namespace ferlab::kernels
