// SPDX-License-Identifier: MIT
// Convolution straight from its definition. Meant for the first layer, whose few input channels leave tensor cores
// empty: there it is limited by writing y (forward) and reading dy (gradient of the kernel). Right for every shape.
// Sums are in float.
#pragma once

#include "kernels/batch_norm.cuh"
#include "kernels/conv2d.hpp"
#include "kernels/rows.cuh"
#include "kernels/window.cuh"

namespace ferlab::kernels {

/// A strip: output pixels beside each other that a thread does in one turn. How many y has; the last one of a line may
/// reach beyond it.
template <int Pixels>
int strips_of(const ops::Conv2DGeometry& g) {
  return count_of(g.batch, g.out_height, (g.out_width + Pixels - 1) / Pixels);
}

/// Where a strip lies.
template <int Pixels>
struct Strip {
  int line;               ///< of all lines of y
  int first;              ///< pixel in it
  int top, left;          ///< what its first pixel sees begins here in x
  std::ptrdiff_t before;  ///< pixels of x in earlier images
  __device__ Strip(const ops::Conv2DGeometry& g, int number) {
    const int pieces = (g.out_width + Pixels - 1) / Pixels;
    line = number / pieces, first = number % pieces * Pixels;
    top = line % g.out_height * g.stride - g.pad_top, left = first * g.stride - g.pad_left;
    before = std::ptrdiff_t(line / g.out_height) * g.height * g.width;
  }
};

/// N filters of a strip, so that a weight that is loaded is used once per pixel. Kernel: the kernel's size if known at
/// compile time, else 0.
template <class S, int Kernel, int Pixels>
struct DirectForward {
  ops::Conv2DGeometry g;
  const S *x, *w, *bias;
  ops::Activation activation;
  S* y;

  template <int N>
  __device__ auto at_channels(int f) const {
    return [*this, f](std::ptrdiff_t number) {
      const int kernel = Kernel > 0 ? Kernel : g.kernel;
      const Strip<Pixels> strip(g, int(number));
      const S* const image = x + strip.before * g.channels;
      Floats<N> sums[Pixels] = {};
      for (int kh = 0; kh < kernel; ++kh) {
        if (strip.top + kh < 0 || strip.top + kh >= g.height) continue;
        for (int kw = 0; kw < kernel; ++kw)
          for (int c = 0; c < g.channels; ++c) {
            const Floats<N> weight = load<N>(w + (std::ptrdiff_t(kh * kernel + kw) * g.channels + c) * g.filters + f);
            for (int p = 0; p < Pixels; ++p) {
              const int column = strip.left + p * g.stride + kw;
              if (column < 0 || column >= g.width) continue;
              const float value = float(image[(std::ptrdiff_t(strip.top + kh) * g.width + column) * g.channels + c]);
              sums[p] = map([=](float sum, float factor) { return sum + value * factor; }, sums[p], weight);
            }
          }
      }
      const bool relu = activation == ops::Activation::relu;
      for (int p = 0; p < Pixels && strip.first + p < g.out_width; ++p) {
        Floats<N> result = sums[p];
        for (int i = 0; i < N; ++i) {
          if (bias) result.v[i] += float(bias[f + i]);
          if (relu && result.v[i] < 0) result.v[i] = 0;
        }
        store(y + (std::ptrdiff_t(strip.line) * g.out_width + strip.first + p) * g.filters + f, result);
      }
    };
  }
};

template <class Policy, class S>
void conv2d_direct(cudaStream_t stream, const Conv2D<S>& op) {
  constexpr int pixels = Policy::strip_pixels;
  const ops::Conv2DGeometry& g = op.geometry;
  const auto with_kernel = [&]<int Kernel>(std::integral_constant<int, Kernel>) {
    using Body = DirectForward<S, Kernel, pixels>;
    with_width<S>(g.filters, [&]<int N>(std::integral_constant<int, N>) {
      for_each_row<Policy, N>(stream, strips_of<pixels>(g), g.filters,
                              Body{g, op.x, op.kernel, op.bias, op.activation, op.y});
    });
  };
  if (g.kernel == 3)
    with_kernel(std::integral_constant<int, 3>{});
  else
    with_kernel(std::integral_constant<int, 0>{});
  if (op.statistics.mean)
    run(stream, BatchStatistics<S>{.rows = count_of(g.batch, g.out_height, g.out_width),
                                   .channels = g.filters,
                                   .x = op.y,
                                   .found = op.statistics,
                                   .scratch = op.scratch});
}
template <class S>
void conv2d_direct(cudaStream_t stream, const Conv2D<S>& op) {
  conv2d_direct<Conv2DDirectPolicy>(stream, op);
}

/// The products of dy with what the kernel's rows `first` and on saw, for every output pixel.
template <class S, int Terms>
struct DirectFilterTerms {
  ops::Conv2DGeometry g;
  const S *x, *dy;
  int first;
  template <int N>
  __device__ auto at_channels(int f) const {
    return [*this, f](std::ptrdiff_t pixel, Floats<N>(&sums)[Terms]) {
      const int line = int(pixel) / g.out_width;
      const int top = line % g.out_height * g.stride - g.pad_top,
                left = int(pixel) % g.out_width * g.stride - g.pad_left;
      const S* const image = x + std::ptrdiff_t(line / g.out_height) * g.height * g.width * g.channels;
      const Floats<N> slope = load<N>(dy + pixel * g.filters + f);
      for (int k = 0; k < Terms; ++k) {
        const int tap = (first + k) / g.channels, c = (first + k) % g.channels;
        const int h = top + tap / g.kernel, w = left + tap % g.kernel;
        if (tap >= g.kernel * g.kernel || h < 0 || h >= g.height || w < 0 || w >= g.width) continue;
        const float value = float(image[(std::ptrdiff_t(h) * g.width + w) * g.channels + c]);
        sums[k] = map([=](float sum, float d) { return sum + value * d; }, sums[k], slope);
      }
    };
  }
};

/// The same for a 3 x 3 kernel over one channel, one strip per turn: without divisions for each tap, and with a strip's
/// loads of dy under way.
template <class S, int Pixels>
struct DirectFilterStrip {
  ops::Conv2DGeometry g;
  const S *x, *dy;
  template <int N>
  __device__ auto at_channels(int f) const {
    return [*this, f](std::ptrdiff_t number, Floats<N>(&sums)[9]) {
      const Strip<Pixels> strip(g, int(number));
      const S* const image = x + strip.before;
      const S* const slopes = dy + (std::ptrdiff_t(strip.line) * g.out_width + strip.first) * g.filters + f;
      Floats<N> slope[Pixels] = {};  // zeros beyond the line
      FERLAB_DEVICE_UNROLL
      for (int p = 0; p < Pixels; ++p)
        if (strip.first + p < g.out_width) slope[p] = load<N>(slopes + p * g.filters);
      FERLAB_DEVICE_UNROLL
      for (int tap = 0; tap < 9; ++tap) {
        const int h = strip.top + tap / 3;
        FERLAB_DEVICE_UNROLL
        for (int p = 0; p < Pixels; ++p) {
          const int w = strip.left + p * g.stride + tap % 3;
          const bool inside = h >= 0 && h < g.height && w >= 0 && w < g.width;
          const float value = inside ? float(image[std::ptrdiff_t(h) * g.width + w]) : 0.0f;
          sums[tap] = map([=](float sum, float d) { return sum + value * d; }, sums[tap], slope[p]);
        }
      }
    };
  }
};

template <class G>
struct DirectFilterFinish {
  int first, count, filters;
  G* dw;
  template <int Terms>
  __device__ void operator()(int f, const double (&sums)[Terms]) const {
    for (int k = 0; k < Terms; ++k)
      if (first + k < count) dw[std::ptrdiff_t(first + k) * filters + f] = G(float(sums[k]));
  }
};

template <class Policy, class S, class G>
void conv2d_direct(cudaStream_t stream, const Conv2DBackwardFilter<S, G>& op) {
  constexpr int pixels = Policy::strip_pixels, terms = Policy::filter_terms;
  static_assert(terms >= 9);  // the scratch is for so many
  const ops::Conv2DGeometry& g = op.geometry;
  const int count = g.kernel * g.kernel * g.channels;
  if (g.kernel == 3 && g.channels == 1)
    return with_width<S>(g.filters, [&]<int N>(std::integral_constant<int, N>) {
      column_sums<Policy, N, 9>(stream, strips_of<pixels>(g), g.filters, DirectFilterStrip<S, pixels>{g, op.x, op.dy},
                                DirectFilterFinish<G>{0, count, g.filters, op.dkernel}, op.scratch);
    });
  for (int first = 0; first < count; first += terms)
    with_width<S>(g.filters, [&]<int N>(std::integral_constant<int, N>) {
      column_sums<Policy, N, terms>(stream, count_of(g.batch, g.out_height, g.out_width), g.filters,
                                    DirectFilterTerms<S, terms>{g, op.x, op.dy, first},
                                    DirectFilterFinish<G>{first, count, g.filters, op.dkernel}, op.scratch);
    });
}
template <class S, class G>
void conv2d_direct(cudaStream_t stream, const Conv2DBackwardFilter<S, G>& op) {
  conv2d_direct<Conv2DDirectPolicy>(stream, op);
}

/// One input channel of one pixel from every output pixel that read it.
template <class S>
struct DirectBackwardData {
  ops::Conv2DGeometry g;
  const S *dy, *w, *relu;
  S* dx;
  template <int N>
  __device__ auto at_channels(int c) const {
    static_assert(N == 1);
    return [*this, c](std::ptrdiff_t pixel) {
      const int line = int(pixel) / g.width, h = line % g.height + g.pad_top,
                column = int(pixel) % g.width + g.pad_left;
      const S* const image = dy + std::ptrdiff_t(line / g.height) * g.out_height * g.out_width * g.filters;
      float sum = 0;
      for (int kh = 0; kh < g.kernel; ++kh)
        for (int kw = 0; kw < g.kernel; ++kw) {
          const int i = (h - kh) / g.stride, j = (column - kw) / g.stride;
          if (h < kh || column < kw || i * g.stride != h - kh || j * g.stride != column - kw || i >= g.out_height ||
              j >= g.out_width)
            continue;
          const S* const slope = image + (std::ptrdiff_t(i) * g.out_width + j) * g.filters;
          const S* const weight = w + (std::ptrdiff_t(kh * g.kernel + kw) * g.channels + c) * g.filters;
          for (int f = 0; f < g.filters; ++f) sum += float(slope[f]) * float(weight[f]);
        }
      const std::ptrdiff_t at = pixel * g.channels + c;
      dx[at] = S(relu && !(float(relu[at]) > 0) ? 0.0f : sum);
    };
  }
};

template <class Policy, class S>
void conv2d_direct(cudaStream_t stream, const Conv2DBackwardData<S>& op) {
  const ops::Conv2DGeometry& g = op.geometry;
  for_each_row<Policy, 1>(stream, count_of(g.batch, g.height, g.width), g.channels,
                          DirectBackwardData<S>{g, op.dy, op.kernel, op.relu, op.dx});
}
template <class S>
void conv2d_direct(cudaStream_t stream, const Conv2DBackwardData<S>& op) {
  conv2d_direct<Conv2DDirectPolicy>(stream, op);
}

}  // namespace ferlab::kernels
