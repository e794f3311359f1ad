// SPDX-License-Identifier: MIT
// Batch normalisation over [rows][channels]; formulas as in ferlab/cpu/batch_norm.hpp. Memory traffic in tensors of
// that size: training forward 3 (read for the statistics, read and write to normalise), inference 2, backward 5, with
// the bias and ReLU before it or without.
// Statistics are kept in float whatever S is.
#pragma once

#include "ferlab/core/batch_statistics.hpp"
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

/// What the sums are about, where that may be no number: a batch that failed may have left it so in the running mean.
__device__ inline float pivot_of(float value) { return value - value == 0 ? value : 0; }

template <class S>
struct BatchStatisticsFinish {
  const S* pivot;
  std::ptrdiff_t rows;
  BatchStatistics<float> found;
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

/// The statistics of x.
template <class S>
void batch_statistics(cudaStream_t stream, std::ptrdiff_t rows, int channels, const S* x,
                      const BatchStatistics<float>& found, float* scratch) {
  with_width<S>(channels, [&]<int N>(std::integral_constant<int, N>) {
    column_sums<N, 2>(stream, rows, channels, BatchStatisticsTerms<S>{x, channels},
                      BatchStatisticsFinish<S>{x, rows, found}, scratch);
  });
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

template <class S, class Source>
void batch_norm_apply(cudaStream_t stream, std::ptrdiff_t rows, int channels, const S* x, const Source& source, S* y) {
  with_width<S>(channels, [&]<int N>(std::integral_constant<int, N>) {
    for_each_row<N>(stream, rows, channels, BatchNormApply<S, Source>{x, y, channels, source});
  });
}

/// y = gamma * (x - mean) * inv_std + beta with batch_statistics' mean and inv_std. y may be x (which the backward pass
/// then lacks).
template <class S>
void batch_norm_forward_training(cudaStream_t stream, std::ptrdiff_t rows, int channels, const S* x, const float* gamma,
                                 const float* beta, const float* mean, const float* inv_std, S* y) {
  batch_norm_apply(stream, rows, channels, x, TrainingNormalization{gamma, beta, mean, inv_std}, y);
}

/// y from the moving averages; y may be x.
template <class S>
void batch_norm_forward_inference(cudaStream_t stream, std::ptrdiff_t rows, int channels, const S* x,
                                  const float* gamma, const float* beta, const float* moving_mean,
                                  const float* moving_variance, float epsilon, S* y) {
  batch_norm_apply(stream, rows, channels, x,
                   InferenceNormalization{gamma, beta, moving_mean, moving_variance, epsilon}, y);
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
  BatchNormGradientFinish(int channels, const float* inverse, G* dg, G* db, float* scratch)
      : inv_std(inverse),
        exact_dgamma(scratch + column_sums_scratch_size(channels, 2)),
        exact_dbeta(exact_dgamma + channels),
        dgamma(dg),
        dbeta(db) {}
  __device__ void operator()(int c, const double (&sums)[2]) const {
    exact_dgamma[c] = float(sums[0] * double(inv_std[c]));
    exact_dbeta[c] = float(sums[1]);
    dgamma[c] = G(exact_dgamma[c]);
    dbeta[c] = G(exact_dbeta[c]);
  }
};

/// dx = scale * (dy - dy_mean - (x - mean) * product) for one piece of channels, shift being mean * product - dy_mean:
/// three numbers a channel in registers, not four. Rounding x * product and shift apart costs |mean| / deviation of
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

/// dgamma, dbeta and dx, from batch_statistics' mean and inv_std. dx may be dy. db, or nullptr: as
/// store_gradient's.
template <class S, class G>
void batch_norm_backward(cudaStream_t stream, std::ptrdiff_t rows, int channels, const S* x, const S* dy,
                         const float* gamma, const float* mean, const float* inv_std, S* dx, G* dgamma, G* dbeta,
                         std::type_identity_t<G>* db, float* scratch) {
  const BatchNormGradientFinish<G> finish(channels, inv_std, dgamma, dbeta, scratch);
  const BatchNormSlopes slopes{
      gamma, mean, inv_std, finish.exact_dgamma, finish.exact_dbeta, float(1.0 / double(rows))};
  with_width<S>(channels, [&]<int N>(std::integral_constant<int, N>) {
    column_sums<N, 2>(stream, rows, channels, BatchNormGradientTerms<S>{x, dy, mean, channels}, finish, scratch);
    store_gradient<N>(stream, rows, channels, BatchNormGradient<S>{x, dy, channels, slopes}, dx, db, scratch);
  });
}

}  // namespace ferlab::kernels
