// SPDX-License-Identifier: MIT
// Convolution on the tensor cores as a matrix product whose patches are gathered while they are copied (implicit GEMM):
// in bfloat16, kernels in cuDNN's order, not Keras's (so both can run one layer), sums in float. Needs sm_80; channels
// and filters must be multiples of 8. 2 * pixels * kernel^2 * channels * filters operations each; every operand is read
// about once per 128 rows and 64 or 128 columns of the result. No atomics: equal bits on every run.
//
//                     rows               columns   depth                       C
//   forward           pixels of y        filters   kernel^2 * channels of x    y
//   gradient of x     pixels of x        channels  kernel^2 * filters of dy    dx
//   gradient of w     kernel^2*channels  filters   pixels of y                 dw
#pragma once

#include "kernels/batch_norm.cuh"
#include "kernels/conv2d.hpp"
#include "kernels/conv2d_tiles.cuh"
#include "kernels/elementwise.cuh"
#include "kernels/gemm_tile.cuh"

namespace ferlab::kernels {

/// Two neighbours of a row of C.
__device__ inline void store_pair(bfloat16* to, float low, float high) { store(to, Floats<2>{{low, high}}); }

/// Sums over the rows of a tile for BatchNorm: of what was stored less the pivot, and of its square.
struct TileStatistics {
  const float* pivot;  ///< [filters], anything near the means; nullptr: no statistics are wanted
  float* sums;         ///< [tiles down][2][filters]
};

struct ForwardProblem {
  static constexpr bool a_runs_along_k = true, b_runs_along_k = true;
  Patches patches;
  const bfloat16 *w, *bias;
  ops::Activation activation;
  bfloat16* y;
  TileStatistics statistics;
  int rows, columns, depth;

  template <class Tile>
  __device__ PatchCopier<Tile> a(int row) const {
    return {patches, row};
  }
  template <class Tile>
  __device__ KernelCopier<Tile> b(int column) const {
    return {w, columns, depth, column};
  }
  template <class Sums>
  __device__ void finish(Sums& tile, int row, int column, float* shared) const {
    constexpr int warps_down = Sums::Policy::warps_down, width = Sums::warp_columns * Sums::Policy::warps_across;
    static_assert(sizeof(float) * 2 * warps_down * width <= Sums::shared_bytes);
    const int warp_row = Sums::warp_down();
    tile.for_each_column([&](int n, int c) {
      const int f = column + c;
      const bool inside = f < columns;
      const float low_bias = inside && bias ? float(bias[f]) : 0, high_bias = inside && bias ? float(bias[f + 1]) : 0;
      const float low_pivot = inside && statistics.pivot ? pivot_of(statistics.pivot[f]) : 0;
      const float high_pivot = inside && statistics.pivot ? pivot_of(statistics.pivot[f + 1]) : 0;
      float found[4] = {};  // sum and squares of both columns
      tile.rows(n, [&](int r, float low, float high) {
        if (!inside || row + r >= rows) return;
        low += low_bias, high += high_bias;
        if (activation == ops::Activation::relu) low = low < 0 ? 0 : low, high = high < 0 ? 0 : high;
        store_pair(y + std::ptrdiff_t(row + r) * columns + f, low, high);
        const float a = float(bfloat16(low)) - low_pivot, b = float(bfloat16(high)) - high_pivot;
        found[0] += a, found[1] += b, found[2] += a * a, found[3] += b * b;
      });
      if (!statistics.pivot) return;
      FERLAB_DEVICE_UNROLL
      for (int i = 0; i < 4; ++i) {
        FERLAB_DEVICE_UNROLL
        for (int with = 4; with < 32; with *= 2) found[i] += __shfl_xor_sync(0xffffffffu, found[i], with);
      }
      if (lane_of_warp() >= 4) return;
      FERLAB_DEVICE_UNROLL
      for (int i = 0; i < 4; ++i) shared[(warp_row * 2 + i / 2) * width + c + i % 2] = found[i];
    });
    if (!statistics.pivot) return;
    __syncthreads();
    for (int i = int(threadIdx.x); i < 2 * width; i += Sums::threads) {
      const int k = i / width, c = i % width;
      float sum = 0;
      for (int r = 0; r < warps_down; ++r) sum += shared[(r * 2 + k) * width + c];
      if (column + c < columns)
        statistics.sums[(std::ptrdiff_t(row / Sums::tile_rows) * 2 + k) * columns + column + c] = sum;
    }
  }
};

/// Sums up what the tiles found.
struct TileStatisticsTerms {
  const float* sums;
  int channels;
  template <int N>
  __device__ auto at_channels(int c) const {
    return [*this, c](std::ptrdiff_t row, Floats<N>(&total)[2]) {
      for (int k = 0; k < 2; ++k)
        total[k] = map([](float a, float b) { return a + b; }, total[k], load<N>(sums + (row * 2 + k) * channels + c));
    };
  }
};

/// The statistics come from the values while they are in registers: without reading y. The moving mean is the pivot.
template <class Policy, class S>
void conv2d_tensor(cudaStream_t stream, const Conv2D<S>& op) {
  const ops::Conv2DGeometry& g = op.geometry;
  if (!conv2d_tensor_takes(g)) throw ArgumentError("conv2d_tensor: channels and filters must be multiples of 8");
  const int pixels = count_of(g.batch, g.out_height, g.out_width);
  const bool statistics = op.statistics.mean != nullptr;
  gemm<Policy>(stream, ForwardProblem{{op.x, g.height, g.width, g.channels, g.out_height, g.out_width, pixels, g.kernel,
                                       g.stride, g.pad_top, g.pad_left, 1},
                                      op.kernel,
                                      op.bias,
                                      op.activation,
                                      op.y,
                                      {statistics ? op.statistics.moving_mean : nullptr, op.scratch},
                                      pixels,
                                      g.filters,
                                      g.kernel * g.kernel * g.channels});
  if (!statistics) return;
  const int tiles = TileCount<Policy>(pixels, g.filters).down;
  column_sums<RowsPolicy, 4, 2>(stream, tiles, g.filters, TileStatisticsTerms{op.scratch, g.filters},
                                BatchStatisticsFinish<float>{op.statistics.moving_mean, pixels, op.statistics},
                                op.scratch + 2 * std::ptrdiff_t(tiles) * g.filters);
}
template <class S>
void conv2d_tensor(cudaStream_t stream, const Conv2D<S>& op) {
  conv2d_tensor<Conv2DTensorPolicy>(stream, op);
}

struct BackwardDataProblem {
  static constexpr bool a_runs_along_k = true, b_runs_along_k = false;
  Patches patches;
  const bfloat16 *w, *relu;
  int taps;
  bfloat16* dx;
  int rows, columns, depth;

  template <class Tile>
  __device__ PatchCopier<Tile> a(int row) const {
    return {patches, row};
  }
  template <class Tile>
  __device__ TransposedKernelCopier<Tile> b(int column) const {
    return {w, taps, columns, patches.channels, column, patches.by_channels};
  }
  template <class Sums>
  __device__ void finish(Sums& tile, int row, int column, float*) const {
    tile.for_each_column([&](int n, int c) {
      tile.rows(n, [&](int r, float low, float high) {
        if (row + r >= rows || column + c >= columns) return;
        const std::ptrdiff_t at = std::ptrdiff_t(row + r) * columns + column + c;
        if (relu) {
          const Floats<2> out = load<2>(relu + at);
          low = out.v[0] > 0 ? low : 0, high = out.v[1] > 0 ? high : 0;
        }
        store_pair(dx + at, low, high);
      });
    });
  }
};

template <class Policy, class S>
void conv2d_tensor(cudaStream_t stream, const Conv2DBackwardData<S>& op) {
  const ops::Conv2DGeometry& g = op.geometry;
  if (!conv2d_tensor_takes_gradient(g))
    throw ArgumentError("conv2d_tensor: gradients are for stride 1 and channels in eights");
  const int pixels = count_of(g.batch, g.height, g.width), taps = g.kernel * g.kernel;
  gemm<Policy>(stream, BackwardDataProblem{{op.dy, g.out_height, g.out_width, g.filters, g.height, g.width, pixels,
                                            g.kernel, 1, g.pad_top, g.pad_left, -1},
                                           op.kernel,
                                           op.relu,
                                           taps,
                                           op.dx,
                                           pixels,
                                           g.channels,
                                           taps * g.filters});
}
template <class S>
void conv2d_tensor(cudaStream_t stream, const Conv2DBackwardData<S>& op) {
  conv2d_tensor<Conv2DTensorPolicy>(stream, op);
}

template <class G>
struct BackwardFilterProblem {
  static constexpr bool a_runs_along_k = false, b_runs_along_k = false;
  Patches patches;
  const bfloat16* dy;
  G* dw;  ///< [share][columns][rows]
  int rows, columns, depth;

  template <class Tile>
  __device__ TransposedPatchCopier<Tile> a(int row) const {
    return {patches, row};
  }
  template <class Tile>
  __device__ MatrixCopier<Tile> b(int column) const {
    return {dy, depth, columns, column};
  }
  template <class Sums>
  __device__ void finish(Sums& tile, int row, int column, float*) const {
    G* const to = dw + std::ptrdiff_t(blockIdx.z) * rows * columns;
    tile.for_each_column([&](int n, int c) {
      tile.rows(n, [&](int r, float low, float high) {  // eight lanes beside each other write eight rows
        if (row + r >= rows || column + c >= columns) return;
        G* const at = to + std::ptrdiff_t(column + c) * rows + row + r;
        at[0] = G(low), at[rows] = G(high);
      });
    });
  }
};

template <class G>
struct AddShares {
  const float* parts;
  int shares;
  std::ptrdiff_t size;
  G* sum;
  template <int N>
  __device__ void run(std::ptrdiff_t i) const {
    Floats<N> total = load<N>(parts + i);
    for (int k = 1; k < shares; ++k)
      total = map([](float a, float b) { return a + b; }, total, load<N>(parts + k * size + i));
    store(sum + i, total);
  }
};

template <class Policy, class S, class G>
void conv2d_tensor(cudaStream_t stream, const Conv2DBackwardFilter<S, G>& op) {
  const ops::Conv2DGeometry& g = op.geometry;
  if (!conv2d_tensor_takes_gradient(g))
    throw ArgumentError("conv2d_tensor: gradients are for stride 1 and channels in eights");
  const int pixels = count_of(g.batch, g.out_height, g.out_width), rows = g.kernel * g.kernel * g.channels;
  const int shares = conv2d_tensor_shares<Policy>(g);
  const Patches patches{op.x,   g.height, g.width, g.channels, g.out_height, g.out_width,
                        pixels, g.kernel, 1,       g.pad_top,  g.pad_left,   1};
  if (shares == 1)
    return gemm<Policy>(stream, BackwardFilterProblem<G>{patches, op.dy, op.dkernel, rows, g.filters, pixels});
  gemm<Policy>(stream, BackwardFilterProblem<float>{patches, op.dy, op.scratch, rows, g.filters, pixels}, shares);
  const std::ptrdiff_t size = std::ptrdiff_t(rows) * g.filters;
  elementwise<4>(stream, size, AddShares<G>{op.scratch, shares, size, op.dkernel});
}
template <class S, class G>
void conv2d_tensor(cudaStream_t stream, const Conv2DBackwardFilter<S, G>& op) {
  conv2d_tensor<Conv2DTensorPolicy>(stream, op);
}

}  // namespace ferlab::kernels
