// SPDX-License-Identifier: MIT
// The two register tiles that all matrix arithmetic of the CPU backend runs on. Included once for each instruction set, with the
// macros that for_each_isa.inc.hpp explains. No include guard.

namespace ferlab::simd::FERLAB_SIMD_NAMESPACE {

template <class T>
struct Vector {
  // may_alias and alignment of T: any address of T may be read as a vector.
  typedef T type __attribute__((vector_size(FERLAB_SIMD_BYTES), aligned(alignof(T)), may_alias));
};

template <class T>
inline constexpr int lanes = FERLAB_SIMD_BYTES / int(sizeof(T));

// acc[i][v] = (accumulate ? out : 0) + sum over taps t and channels c of rows[t][i][c] * panels[t][c][v], then bias and
// ReLU. rows: [taps][MR], panels: [taps], each [channels][NV * lanes]; out: MR rows, `stride` apart, NV * lanes wide.
template <class T, int MR, int NV>
FERLAB_SIMD_TARGET void gather_tile(const GatherTile<T>& g) {
  using V = typename Vector<T>::type;
  constexpr int W = lanes<T>;
  V acc[MR][NV];
  if (g.accumulate) {
    FERLAB_UNROLL for (int i = 0; i < MR; ++i) FERLAB_UNROLL for (int v = 0; v < NV; ++v) acc[i][v] =
        *reinterpret_cast<const V*>(g.out + i * g.stride + v * W);
  } else {
    FERLAB_UNROLL for (int i = 0; i < MR; ++i) FERLAB_UNROLL for (int v = 0; v < NV; ++v) acc[i][v] = V{};
  }
  for (int t = 0; t < g.taps; ++t) {
    const T* row[MR];
    FERLAB_UNROLL for (int i = 0; i < MR; ++i) row[i] = g.rows[t * MR + i];
    const T* b = g.panels[t];
    for (std::ptrdiff_t c = 0; c < g.channels; ++c, b += NV * W) {
      V weight[NV];
      FERLAB_UNROLL for (int v = 0; v < NV; ++v) weight[v] = *reinterpret_cast<const V*>(b + v * W);
      FERLAB_UNROLL for (int i = 0; i < MR; ++i) {
        const T x = row[i][c];
        FERLAB_UNROLL for (int v = 0; v < NV; ++v) acc[i][v] += x * weight[v];
      }
    }
  }
  if (g.bias) {
    FERLAB_UNROLL for (int v = 0; v < NV; ++v) {
      const V bias = *reinterpret_cast<const V*>(g.bias + v * W);
      FERLAB_UNROLL for (int i = 0; i < MR; ++i) acc[i][v] += bias;
    }
  }
  if (g.relu) {
    FERLAB_UNROLL for (int i = 0; i < MR; ++i) FERLAB_UNROLL for (int v = 0; v < NV; ++v) acc[i][v] =
        acc[i][v] < V{} ? V{} : acc[i][v];  // NaN stays
  }
  FERLAB_UNROLL for (int i = 0; i < MR; ++i) FERLAB_UNROLL for (int v = 0; v < NV; ++v) *
      reinterpret_cast<V*>(g.out + i * g.stride + v * W) = acc[i][v];
}

// acc[i][v] = (accumulate ? out : 0) + sum over segments s and pixels k of a[s][k * lda + i] * b[s][k * ldb + v].
template <class T, int MR, int NV>
FERLAB_SIMD_TARGET void outer_tile(const OuterTile<T>& o) {
  using V = typename Vector<T>::type;
  constexpr int W = lanes<T>;
  V acc[MR][NV];
  FERLAB_UNROLL for (int i = 0; i < MR; ++i) FERLAB_UNROLL for (int v = 0; v < NV; ++v) acc[i][v] = V{};
  if (o.accumulate) {
    FERLAB_UNROLL for (int i = 0; i < MR; ++i) FERLAB_UNROLL for (int v = 0; v < NV; ++v) acc[i][v] =
        *reinterpret_cast<const V*>(o.out + i * o.stride + v * W);
  }
  for (int s = 0; s < o.segments; ++s) {
    const T* a = o.segment[s].a + o.a_offset;
    const T* b = o.segment[s].b + o.b_offset;
    for (int k = o.segment[s].length; k > 0; --k, a += o.lda, b += o.ldb) {
      V right[NV];
      FERLAB_UNROLL for (int v = 0; v < NV; ++v) right[v] = *reinterpret_cast<const V*>(b + v * W);
      FERLAB_UNROLL for (int i = 0; i < MR; ++i) {
        const T left = a[i];
        FERLAB_UNROLL for (int v = 0; v < NV; ++v) acc[i][v] += left * right[v];
      }
    }
  }
  FERLAB_UNROLL for (int i = 0; i < MR; ++i) FERLAB_UNROLL for (int v = 0; v < NV; ++v) *
      reinterpret_cast<V*>(o.out + i * o.stride + v * W) = acc[i][v];
}

// One pass over `rows` rows of lanes<T> * NV channels: dy becomes 0 where y <= 0 (y == nullptr: it stays), and
// sums[channel] is the sum of what remains. Runs of 64 rows are summed in T and then in double.
template <class T, int NV>
FERLAB_SIMD_TARGET void masked_sums(std::ptrdiff_t rows, std::ptrdiff_t stride, const T* y, T* dy, double* sums) {
  using V = typename Vector<T>::type;
  constexpr int W = lanes<T>;
  for (int i = 0; i < NV * W; ++i) sums[i] = 0;
  for (std::ptrdiff_t first = 0; first < rows; first += 64) {
    const std::ptrdiff_t last = first + 64 < rows ? first + 64 : rows;
    V sum[NV] = {};
    for (std::ptrdiff_t r = first; r < last; ++r) FERLAB_UNROLL for (int v = 0; v < NV; ++v) {
        V& d = *reinterpret_cast<V*>(dy + r * stride + v * W);
        if (y) d = *reinterpret_cast<const V*>(y + r * stride + v * W) > V{} ? V(d) : V{};
        sum[v] += d;
      }
    for (int v = 0; v < NV; ++v)
      for (int i = 0; i < W; ++i) sums[v * W + i] += double(sum[v][i]);
  }
}

template <class T>
constexpr Tiles<T> make_tiles() {
  Tiles<T> tiles;
  tiles.lanes = lanes<T>;
  tiles.vectors = FERLAB_SIMD_BYTES == 64 ? 4 : 2;
  auto fill = [&]<int NV>(std::integral_constant<int, NV>, int column) {
    [&]<int... M>(std::integer_sequence<int, M...>) {
      ((tiles.gather[M][column] = &gather_tile<T, M + 1, NV>, tiles.outer[M][column] = &outer_tile<T, M + 1, NV>), ...);
    }
    (std::make_integer_sequence<int, most_rows>{});
  };
  fill(std::integral_constant<int, 1>{}, 0);
  fill(std::integral_constant<int, 2>{}, 1);
  if constexpr (FERLAB_SIMD_BYTES == 64) fill(std::integral_constant<int, 4>{}, 2);
  tiles.masked_sums = &masked_sums<T, 1>;
  return tiles;
}

}  // namespace ferlab::simd::FERLAB_SIMD_NAMESPACE
