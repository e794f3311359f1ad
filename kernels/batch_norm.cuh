// SPDX-License-Identifier: MIT
// Batch normalisation over [rows][channels]; formulas in batch_norm.hpp. Memory traffic in tensors of
// that size: training forward 3 (read for the statistics, read and write to normalise), inference 2, backward 5, with
// the bias and ReLU before it or without.
// Statistics are kept in float whatever S is.
#pragma once

#include "kernels/batch_norm.hpp"
#include "kernels/bias.cuh"

namespace ferlab::kernels {

/// Sums of x - pivot and of its square, the pivot being the first row: near enough that the variance loses no digits.
template <class S>
struct BatchStatisticsTerms {
  const S* x;
  int channels;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [from = x + c, stride = channels, pivot = load<N>(x + c)](std::ptrdiff_t row, Floats<N>(&sums)[2]) {
      const Floats<N> value = load<N>(from + row * stride);
      for (int i = 0; i < N; ++i) {
        const float d = value.v[i] - pivot.v[i];
        sums[0].v[i] += d;
        sums[1].v[i] += d * d;
      }
    };
  }
};

/// What the sums are about, where that may be non-finite: a batch that failed may have left it so in the running mean.
__device__ inline float pivot_of(float value) { return value - value == 0 ? value : 0; }

template <class S>
struct BatchStatisticsFinish {
  const S* pivot;
  std::ptrdiff_t rows;
  ChannelStatistics found;
  __device__ void operator()(int c, const double (&sums)[2]) const {
    const double shift = sums[0] / double(rows), spread = sums[1] / double(rows) - shift * shift;
    const double variance = spread > 0 ? spread : spread == spread ? 0 : spread;  // NaN stays NaN
    const float mean = float(double(pivot_of(float(pivot[c]))) + shift), momentum = found.momentum;
    found.mean[c] = mean;
    found.inv_std[c] = float(1 / sqrt(variance + double(found.epsilon)));
    found.moving_mean[c] = momentum * found.moving_mean[c] + (1 - momentum) * mean;
    found.moving_variance[c] = momentum * found.moving_variance[c] + (1 - momentum) * float(variance);
  }
};

template <class Policy, class S>
void run(cudaStream_t stream, const BatchStatistics<S>& op) {
  with_width<S>(op.channels, [&]<int N>(std::integral_constant<int, N>) {
    column_sums<Policy, N, 2>(stream, op.rows, op.channels, BatchStatisticsTerms<S>{op.x, op.channels},
                              BatchStatisticsFinish<S>{op.x, op.rows, op.found}, op.scratch);
  });
}
template <class S>
void run(cudaStream_t stream, const BatchStatistics<S>& op) {
  run<RowsPolicy>(stream, op);
}

/// What normalising one piece of channels needs: y = (x - mean) * scale + beta.
template <int N>
struct Normalization {
  Floats<N> mean, scale, beta;
  __device__ Floats<N> operator()(Floats<N> x) const {
    for (int i = 0; i < N; ++i) x.v[i] = (x.v[i] - mean.v[i]) * scale.v[i] + beta.v[i];
    return x;
  }
};

/// From the batch's statistics.
struct TrainingNormalization {
  const float *gamma, *beta, *mean, *inv_std;
  template <int N>
  __device__ Normalization<N> at(int c) const {
    Normalization<N> n{load<N>(mean + c), load<N>(gamma + c), load<N>(beta + c)};
    for (int i = 0; i < N; ++i) n.scale.v[i] *= inv_std[c + i];
    return n;
  }
};

/// From the moving averages.
struct InferenceNormalization {
  const float *gamma, *beta, *moving_mean, *moving_variance;
  float epsilon;
  template <int N>
  __device__ Normalization<N> at(int c) const {
    Normalization<N> n{load<N>(moving_mean + c), load<N>(gamma + c), load<N>(beta + c)};
    for (int i = 0; i < N; ++i) n.scale.v[i] *= 1 / sqrtf(moving_variance[c + i] + epsilon);
    return n;
  }
};

template <class S, class Source>
struct BatchNormApply {
  const S* x;
  S* y;
  int channels;
  Source source;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [from = x + c, to = y + c, stride = channels, norm = source.template at<N>(c)](std::ptrdiff_t row) {
      store(to + row * stride, norm(load<N>(from + row * stride)));
    };
  }
};

template <class Policy, class Op, class Source>
void batch_norm_apply(cudaStream_t stream, const Op& op, const Source& source) {
  using S = std::remove_pointer_t<decltype(op.y)>;
  with_width<S>(op.channels, [&]<int N>(std::integral_constant<int, N>) {
    for_each_row<Policy, N>(stream, op.rows, op.channels, BatchNormApply<S, Source>{op.x, op.y, op.channels, source});
  });
}

template <class Policy, class S>
void run(cudaStream_t stream, const BatchNorm<S>& op) {
  batch_norm_apply<Policy>(stream, op, TrainingNormalization{op.gamma, op.beta, op.mean, op.inv_std});
}
template <class S>
void run(cudaStream_t stream, const BatchNorm<S>& op) {
  run<RowsPolicy>(stream, op);
}

template <class Policy, class S>
void run(cudaStream_t stream, const BatchNormInference<S>& op) {
  batch_norm_apply<Policy>(stream, op,
                           InferenceNormalization{op.gamma, op.beta, op.moving_mean, op.moving_variance, op.epsilon});
}
template <class S>
void run(cudaStream_t stream, const BatchNormInference<S>& op) {
  run<RowsPolicy>(stream, op);
}

template <class S>
struct BatchNormGradientTerms {
  const S *x, *dy;
  const float* mean;
  int channels;
  template <int N>
  __device__ auto at_channels(int c) const {
    return
        [x = x + c, dy = dy + c, stride = channels, mean = load<N>(mean + c)](std::ptrdiff_t row, Floats<N>(&sums)[2]) {
          const Floats<N> value = load<N>(x + row * stride), slope = load<N>(dy + row * stride);
          for (int i = 0; i < N; ++i) {
            sums[0].v[i] += slope.v[i] * (value.v[i] - mean.v[i]);
            sums[1].v[i] += slope.v[i];
          }
        };
  }
};

/// The gradients of gamma and beta, also in float (behind what the sums need of the scratch): the gradient of x stands
/// on them.
template <class G>
struct BatchNormGradientFinish {
  const float* inv_std;
  float *exact_dgamma, *exact_dbeta;
  G *dgamma, *dbeta;
  /// `exact`: 2 * channels floats of op's scratch that the sums leave alone.
  template <class Op>
  BatchNormGradientFinish(const Op& op, int channels, float* exact)
      : inv_std(op.inv_std), exact_dgamma(exact), exact_dbeta(exact + channels), dgamma(op.dgamma), dbeta(op.dbeta) {}
  __device__ void operator()(int c, const double (&sums)[2]) const {
    exact_dgamma[c] = float(sums[0] * double(inv_std[c]));
    exact_dbeta[c] = float(sums[1]);
    dgamma[c] = G(exact_dgamma[c]);
    dbeta[c] = G(exact_dbeta[c]);
  }
};

/// dx = scale * (dy - dy_mean - (x - mean) * product) for one piece of channels, shift being mean * product - dy_mean:
/// three numbers per channel in registers, not four. Rounding x * product and shift apart costs |mean| / deviation of
/// float's last bit.
template <int N>
struct BatchNormSlope {
  Floats<N> scale, product, shift;
  __device__ float operator()(float x, float dy, int i) const {
    return scale.v[i] * (dy - x * product.v[i] + shift.v[i]);
  }
};

struct BatchNormSlopes {
  const float *gamma, *mean, *inv_std, *dgamma, *dbeta;
  float one_row;  ///< 1 / rows
  template <int N>
  __device__ BatchNormSlope<N> at(int c) const {
    BatchNormSlope<N> slope{load<N>(gamma + c), load<N>(dgamma + c), load<N>(dbeta + c)};
    for (int i = 0; i < N; ++i) {
      slope.scale.v[i] *= inv_std[c + i];
      slope.product.v[i] *= inv_std[c + i] * one_row;
      slope.shift.v[i] = mean[c + i] * slope.product.v[i] - slope.shift.v[i] * one_row;
    }
    return slope;
  }
};

template <class S>
struct BatchNormGradient {
  const S *x, *dy;
  int channels;
  BatchNormSlopes slopes;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [x = x + c, dy = dy + c, stride = channels, slope = slopes.template at<N>(c)](std::ptrdiff_t row) {
      XAndGradient<N> here{load<N>(x + row * stride), load<N>(dy + row * stride)};
      for (int i = 0; i < N; ++i) here.dx.v[i] = slope(here.x.v[i], here.dx.v[i], i);
      return here;
    };
  }
};

template <class Policy, class S, class G>
void run(cudaStream_t stream, const BatchNormBackward<S, G>& op) {
  const BatchNormGradientFinish<G> finish(op, op.channels,
                                          op.scratch + column_sums_scratch_size<Policy>(op.channels, 2));
  const BatchNormSlopes slopes{
      op.gamma, op.mean, op.inv_std, finish.exact_dgamma, finish.exact_dbeta, float(1.0 / double(op.rows))};
  with_width<S>(op.channels, [&]<int N>(std::integral_constant<int, N>) {
    column_sums<Policy, N, 2>(stream, op.rows, op.channels,
                              BatchNormGradientTerms<S>{op.x, op.dy, op.mean, op.channels}, finish, op.scratch);
    store_gradient<Policy, N>(stream, op.rows, op.channels, BatchNormGradient<S>{op.x, op.dy, op.channels, slopes},
                              op.dx, op.drelu_bias, op.scratch);
  });
}
template <class S, class G>
void run(cudaStream_t stream, const BatchNormBackward<S, G>& op) {
  run<RowsPolicy>(stream, op);
}

}  // namespace ferlab::kernels
