// SPDX-License-Identifier: MIT
// The bias of a dense or convolutional layer, with ReLU. Forward reads and writes [rows][channels] once; backward reads
// y and dy, writes the masked dy, and sums it: 3 tensors, or 1 (a read) without ReLU.
#pragma once

#include "kernels/bias.hpp"
#include "kernels/rows.cuh"

namespace ferlab::kernels {

template <class S>
struct BiasAddRows {
  BiasAdd<S> op;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [from = op.x + c, to = op.y + c, stride = op.channels, relu = op.activation == ops::Activation::relu,
            bias = load<N>(op.bias + c)](std::ptrdiff_t row) {
      const auto add = [=](float value, float b) { return relu && value + b < 0 ? 0.0f : value + b; };
      store(to + row * stride, map(add, load<N>(from + row * stride), bias));
    };
  }
};

template <class Policy, class S>
void run(cudaStream_t stream, const BiasAdd<S>& op) {
  with_width<S>(op.channels, [&]<int N>(std::integral_constant<int, N>) {
    for_each_row<Policy, N>(stream, op.rows, op.channels, BiasAddRows<S>{op});
  });
}
template <class S>
void run(cudaStream_t stream, const BiasAdd<S>& op) {
  run<RowsPolicy>(stream, op);
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
  G* dbias;
  __device__ void operator()(int c, const double (&sums)[1]) const { dbias[c] = G(float(sums[0])); }
};

template <class Policy, class S, class G>
void run(cudaStream_t stream, const BiasBackward<S, G>& op) {
  with_width<S>(op.channels, [&]<int N>(std::integral_constant<int, N>) {
    column_sums<Policy, N, 1>(stream, op.rows, op.channels, BiasGradientTerms<S>{op.dy, op.channels},
                              BiasGradientFinish<G>{op.dbias}, op.scratch);
  });
}
template <class S, class G>
void run(cudaStream_t stream, const BiasBackward<S, G>& op) {
  run<RowsPolicy>(stream, op);
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

/// The same propagated through the ReLU and the bias that x came out of: 0 where x is 0, and summed.
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

/// dx = a gradient [rows][channels]; with drelu_bias it is propagated through the ReLU and the bias that x came out of,
/// drelu_bias being the bias's gradient. nullptr: there are none.
template <class Policy, int N, class S, class G, class Body>
void store_gradient(cudaStream_t stream, std::ptrdiff_t rows, int channels, const Body& body, S* dx, G* drelu_bias,
                    float* scratch) {
  if (drelu_bias)
    column_sums<Policy, N, 1>(stream, rows, channels, StoreReluGradient<S, Body>{body, dx, channels},
                              BiasGradientFinish<G>{drelu_bias}, scratch);
  else
    for_each_row<Policy, N>(stream, rows, channels, StoreGradient<S, Body>{body, dx, channels});
}

template <class Policy, class S, class G>
void run(cudaStream_t stream, const ReLUBiasBackward<S, G>& op) {
  using Body = StoreReluGradient<S, StoredGradient<S>>;
  with_width<S>(op.channels, [&]<int N>(std::integral_constant<int, N>) {
    column_sums<Policy, N, 1>(stream, op.rows, op.channels, Body{{op.y, op.dy, op.channels}, op.dx, op.channels},
                              BiasGradientFinish<G>{op.dbias}, op.scratch);
  });
}
template <class S, class G>
void run(cudaStream_t stream, const ReLUBiasBackward<S, G>& op) {
  run<RowsPolicy>(stream, op);
}

}  // namespace ferlab::kernels
