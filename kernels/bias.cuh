// SPDX-License-Identifier: MIT
// The bias of a dense or convolutional layer, with ReLU. Forward reads and writes [rows][channels] once; backward reads
// y and dy, writes the masked dy, and sums it: 3 tensors, or 1 (a read) without ReLU.
#pragma once

#include "kernels/rows.cuh"

namespace ferlab::kernels {

template <class S>
struct BiasReluForward {
  const S* x;
  const float* bias;
  S* y;
  int channels;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [from = x + c, to = y + c, stride = channels, bias = load<N>(bias + c)](std::ptrdiff_t row) {
      const auto relu = [](float value, float b) { return value + b < 0 ? 0.0f : value + b; };
      store(to + row * stride, map(relu, load<N>(from + row * stride), bias));
    };
  }
};

/// y = max(x + bias, 0); y may be x.
template <class S>
void bias_relu_forward(cudaStream_t stream, std::ptrdiff_t rows, int channels, const S* x, const float* bias, S* y) {
  with_width<S>(channels, [&]<int N>(std::integral_constant<int, N>) {
    for_each_row<N>(stream, rows, channels, BiasReluForward<S>{x, bias, y, channels});
  });
}

template <class S>
struct BiasGradientTerms {
  const S* dy;
  int channels;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [from = dy + c, stride = channels](std::ptrdiff_t row, Floats<N>(&sums)[1]) {
      sums[0] = map([](float sum, float slope) { return sum + slope; }, sums[0], load<N>(from + row * stride));
    };
  }
};

template <class G>
struct BiasGradientFinish {
  G* db;
  __device__ void operator()(int c, const double (&sums)[1]) const { db[c] = G(float(sums[0])); }
};

/// db = the sum over rows of dy.
template <class S, class G>
void bias_backward(cudaStream_t stream, std::ptrdiff_t rows, int channels, const S* dy, G* db, float* scratch) {
  with_width<S>(channels, [&]<int N>(std::integral_constant<int, N>) {
    column_sums<N, 1>(stream, rows, channels, BiasGradientTerms<S>{dy, channels}, BiasGradientFinish<G>{db}, scratch);
  });
}

/// What body.at_channels<N>(c)(row) gives: x there, and its gradient.
template <int N>
struct XAndGradient {
  Floats<N> x, dx;
};

/// Writes a gradient.
template <class S, class Body>
struct StoreGradient {
  Body body;
  S* dx;
  int channels;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [found = body.template at_channels<N>(c), to = dx + c, stride = channels](std::ptrdiff_t row) {
      store(to + row * stride, found(row).dx);
    };
  }
};

/// The same taken on through the ReLU and the bias that x came out of: 0 where x is 0, and summed.
template <class S, class Body>
struct StoreReluGradient {
  Body body;
  S* dx;
  int channels;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [found = body.template at_channels<N>(c), to = dx + c, stride = channels](std::ptrdiff_t row,
                                                                                     Floats<N>(&sums)[1]) {
      const XAndGradient<N> here = found(row);
      const Floats<N> masked = map([](float out, float slope) { return out > 0 ? slope : 0.0f; }, here.x, here.dx);
      store(to + row * stride, masked);
      sums[0] = map([](float sum, float slope) { return sum + slope; }, sums[0], masked);
    };
  }
};

/// One that stands in memory already.
template <class S>
struct StoredGradient {
  const S *x, *dx;
  int channels;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [x = x + c, dx = dx + c, stride = channels](std::ptrdiff_t row) {
      return XAndGradient<N>{load<N>(x + row * stride), load<N>(dx + row * stride)};
    };
  }
};

/// dx = a gradient [rows][channels]; with db it goes on through the ReLU and the bias that x came out of, db being the
/// bias's. db = nullptr: there are none.
template <int N, class S, class G, class Body>
void store_gradient(cudaStream_t stream, std::ptrdiff_t rows, int channels, const Body& body, S* dx, G* db,
                    float* scratch) {
  if (db)
    column_sums<N, 1>(stream, rows, channels, StoreReluGradient<S, Body>{body, dx, channels}, BiasGradientFinish<G>{db},
                      scratch);
  else
    for_each_row<N>(stream, rows, channels, StoreGradient<S, Body>{body, dx, channels});
}

/// dy = 0 where y is 0; db = the sum over rows of that.
template <class S, class G>
void relu_bias_backward(cudaStream_t stream, std::ptrdiff_t rows, int channels, const S* y, S* dy, G* db,
                        float* scratch) {
  with_width<S>(channels, [&]<int N>(std::integral_constant<int, N>) {
    column_sums<N, 1>(stream, rows, channels, StoreReluGradient<S, StoredGradient<S>>{{y, dy, channels}, dy, channels},
                      BiasGradientFinish<G>{db}, scratch);
  });
}

}  // namespace ferlab::kernels
