// SPDX-License-Identifier: MIT
// C = A * B on the tensor cores, a tile of C a block: bfloat16 operands, float sums. What A and B are, and where C
// goes, says a Problem; convolutions are problems whose A or B is gathered from an image and never written down.
//
// What tunes it, the Policy, is Conv2DTensorPolicy or another struct with its members. Per step of tile_depth along K a
// block copies tile_rows x tile_depth of A and tile_depth x Columns of B into shared memory, stages - 1 steps before it
// does 2 * tile_rows * Columns * tile_depth operations on them.
#pragma once

#include <type_traits>

#include "kernels/conv2d_tensor.hpp"
#include "kernels/mma.cuh"

namespace ferlab::kernels {

template <class Policy>
inline constexpr int tile_threads = 32 * Policy::warps_down* Policy::warps_across;

/// [Lines][Length] of bfloat16 in shared memory, which Threads threads fill; in chunks of 8, permuted so that eight
/// chunks that stand below each other lie in different banks.
template <int Lines, int Length, int Threads>
struct SharedTile {
  static constexpr int size = Lines * Length, chunks = Length / 8, threads = Threads;
  static_assert(chunks == 4 || chunks % 8 == 0);
  bfloat16* data;
  __device__ bfloat16* at(int line, int chunk) const {
    const int permuted = chunk ^ (chunks == 4 ? line / 2 % 4 : line % 8);
    return data + line * Length + permuted * 8;
  }
};

/// A Problem has
///   static constexpr bool a_runs_along_k, b_runs_along_k: do lines of shared memory run along K? (else along rows of
///     A, columns of B)
///   int rows, columns, depth: of A and C; of B and C; of A and B, which is summed over
///   a<Tile>(first row), b<Tile>(first column): what copies tiles, an object with copy(tile, first k)
///   finish(tile, first row, first column, shared memory): what becomes of the sums
template <class P, class Problem, int Columns>
struct GemmTile {
  using Policy = P;
  static constexpr int tile_rows = Policy::tile_rows, tile_depth = Policy::tile_depth, threads = tile_threads<Policy>;
  static constexpr int warp_rows = tile_rows / Policy::warps_down, warp_columns = Columns / Policy::warps_across;
  static constexpr int down = warp_rows / 16, across = warp_columns / 8;  // fragments of a warp
  static_assert(warp_rows % 16 == 0 && warp_columns % 16 == 0 && tile_depth % 16 == 0);
  using TileA = std::conditional_t<Problem::a_runs_along_k, SharedTile<tile_rows, tile_depth, threads>,
                                   SharedTile<tile_depth, tile_rows, threads>>;
  using TileB = std::conditional_t<Problem::b_runs_along_k, SharedTile<Columns, tile_depth, threads>,
                                   SharedTile<tile_depth, Columns, threads>>;
  static constexpr int stage_size = TileA::size + TileB::size;
  static constexpr std::size_t shared_bytes = sizeof(bfloat16) * stage_size * Policy::stages;

  FragmentC sums[down][across] = {};

  __device__ static int warp_down() { return int(threadIdx.x) / 32 % Policy::warps_down; }
  __device__ static int warp_across() { return int(threadIdx.x) / 32 / Policy::warps_down; }

  /// f(n, column of the tile) for the pairs of columns that this thread holds sums of; rows(n, g) then calls
  /// g(row of the tile, the two sums) for each of its rows.
  template <class F>
  __device__ void for_each_column(const F& f) {
    FERLAB_DEVICE_UNROLL
    for (int n = 0; n < across; ++n) f(n, warp_across() * warp_columns + n * 8 + lane_of_warp() % 4 * 2);
  }
  template <class G>
  __device__ void rows(int n, const G& g) {
    FERLAB_DEVICE_UNROLL
    for (int part = 0; part < 2 * down; ++part) {
      const int m = part / 2, half = part % 2;
      g(warp_down() * warp_rows + m * 16 + half * 8 + lane_of_warp() / 4, sums[m][n].v[2 * half],
        sums[m][n].v[2 * half + 1]);
    }
  }

  __device__ void multiply(const TileA& a, const TileB& b) {
    const int lane = lane_of_warp(), row = warp_down() * warp_rows, column = warp_across() * warp_columns;
    FERLAB_DEVICE_UNROLL
    for (int k = 0; k < tile_depth; k += 16) {
      FragmentA left[down];
      FERLAB_DEVICE_UNROLL
      for (int m = 0; m < down; ++m) {
        // The four 8x8 matrices of a fragment: rows 0-7 and 8-15 at depth 0-7, then the same at depth 8-15.
        if constexpr (Problem::a_runs_along_k)
          load_matrices<false>(a.at(row + m * 16 + lane % 16, k / 8 + lane / 16), left[m].v);
        else
          load_matrices<true>(a.at(k + lane / 16 * 8 + lane % 8, (row + m * 16) / 8 + lane / 8 % 2), left[m].v);
      }
      FERLAB_DEVICE_UNROLL
      for (int n = 0; n < across; n += 2) {  // two fragments of B at a time
        Pair right[4];
        if constexpr (Problem::b_runs_along_k)
          load_matrices<false>(b.at(column + n * 8 + lane / 16 * 8 + lane % 8, k / 8 + lane / 8 % 2), right);
        else
          load_matrices<true>(b.at(k + lane % 16, column / 8 + n + lane / 16), right);
        const FragmentB first{{right[0], right[1]}}, second{{right[2], right[3]}};
        FERLAB_DEVICE_UNROLL
        for (int m = 0; m < down; ++m) {
          multiply_accumulate(left[m].v, first.v, sums[m][n].v);
          multiply_accumulate(left[m].v, second.v, sums[m][n + 1].v);
        }
      }
    }
  }
};

/// visit(line, chunk, i) for the chunks of a tile that this thread copies, i counting them. All have one chunk number.
template <class Tile, class Visit>
__device__ void for_each_chunk(const Visit& visit) {
  static_assert(Tile::threads % Tile::chunks == 0 && Tile::size / 8 % Tile::threads == 0);
  FERLAB_DEVICE_UNROLL
  for (int i = 0; i < Tile::size / 8 / Tile::threads; ++i)
    visit((int(threadIdx.x) + i * Tile::threads) / Tile::chunks, int(threadIdx.x) % Tile::chunks, i);
}
template <class Tile>
inline constexpr int chunks_a_thread = Tile::size / 8 / Tile::threads;

/// Block x of the grid is a tile of C, those of one row of tiles beside each other; z is a share of the depth.
template <class Policy, int Columns, class Problem>
__global__ void __launch_bounds__(tile_threads<Policy>) gemm_kernel(Problem problem) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  __trap();  // no tensor cores for bfloat16
#else
  using Tile = GemmTile<Policy, Problem, Columns>;
  using TileA = typename Tile::TileA;
  using TileB = typename Tile::TileB;
  constexpr int tile_rows = Policy::tile_rows, tile_depth = Policy::tile_depth, stages = Policy::stages;
  FERLAB_DYNAMIC_SHARED(bfloat16, shared);
  const int across = (problem.columns + Columns - 1) / Columns;
  const int row = int(blockIdx.x) / across * tile_rows, column = int(blockIdx.x) % across * Columns;
  const int steps = (problem.depth + tile_depth - 1) / tile_depth, share = (steps - 1) / int(gridDim.z) + 1;
  const int begin = int(blockIdx.z) * share, end = begin + share < steps ? begin + share : steps;
  const auto a = problem.template a<TileA>(row);
  const auto b = problem.template b<TileB>(column);
  const auto stage = [&](int step) { return shared + step % stages * Tile::stage_size; };
  const auto copy = [&](int step) {
    if (step < end) {
      a.copy(TileA{stage(step)}, step * tile_depth);
      b.copy(TileB{stage(step) + TileA::size}, step * tile_depth);
    }
    end_of_copies();
  };
  for (int step = begin; step < begin + stages - 1; ++step) copy(step);
  Tile tile;
  for (int step = begin; step < end; ++step) {
    wait_for_copies<stages - 2>();
    __syncthreads();  // this step has arrived, and the stage that is overwritten next has been read
    copy(step + stages - 1);
    tile.multiply(TileA{stage(step)}, TileB{stage(step) + TileA::size});
  }
  wait_for_copies<0>();
  __syncthreads();
  problem.finish(tile, row, column, reinterpret_cast<float*>(shared));
#endif
}

/// Runs a problem, its depth cut into so many shares.
template <class Policy, class Problem>
void gemm(cudaStream_t stream, const Problem& problem, int shares = 1) {
  const TileCount<Policy> tiles(problem.rows, problem.columns);
  const auto with_columns = [&]<int Columns>(std::integral_constant<int, Columns>) {
    launch(stream, gemm_kernel<Policy, Columns, Problem>,
           dim3(unsigned(tiles.across * tiles.down), 1, unsigned(shares)), tile_threads<Policy>,
           GemmTile<Policy, Problem, Columns>::shared_bytes, problem);
  };
  if (tiles.columns_per_tile == Policy::narrow_tile_columns)
    with_columns(std::integral_constant<int, Policy::narrow_tile_columns>{});
  else
    with_columns(std::integral_constant<int, Policy::tile_columns>{});
}

}  // namespace ferlab::kernels
