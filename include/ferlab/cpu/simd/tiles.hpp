// SPDX-License-Identifier: MIT
// The register tiles of tiles.inc.hpp, compiled for every instruction set and chosen at run time.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "ferlab/cpu/simd/isa.hpp"

namespace ferlab::simd {

/// Arguments of a gather tile; see tiles.inc.hpp.
template <class T>
struct GatherTile {
  const T* const* rows;
  const T* const* panels;
  int taps;
  std::ptrdiff_t channels;
  const T* bias;  ///< or nullptr
  bool relu, accumulate;
  T* out;
  std::ptrdiff_t stride;
};

/// A run of pixels whose left and right operands both lie at a constant distance.
template <class T>
struct Segment {
  const T *a, *b;
  int length;
};

/// Arguments of an outer-product tile; see tiles.inc.hpp.
template <class T>
struct OuterTile {
  const Segment<T>* segment;
  int segments;
  std::ptrdiff_t a_offset, b_offset, lda, ldb;
  bool accumulate;
  T* out;
  std::ptrdiff_t stride;
};

/// Rows of the largest tile: with the widest panel (4 vectors of 32 registers, or 2 of 16) it leaves no sum without a
/// register.
inline constexpr int most_rows = 6;

/// The kernels of one instruction set: [rows - 1][log2(vectors)].
template <class T>
struct Tiles {
  int lanes = 0;    ///< T in a vector
  int vectors = 0;  ///< most vectors of a tile
  void (*gather[most_rows][3])(const GatherTile<T>&) = {};
  void (*outer[most_rows][3])(const OuterTile<T>&) = {};
  void (*masked_sums)(std::ptrdiff_t rows, std::ptrdiff_t stride, const T* y, T* dy, double* sums) = nullptr;

  int panel_width() const { return lanes * vectors; }
  /// Vectors of the narrowest tile that holds `columns` columns: 1, 2 or 4.
  int vectors_for(int columns) const { return columns <= lanes ? 1 : columns <= 2 * lanes ? 2 : 4; }
  static int column(int vectors) { return vectors == 4 ? 2 : vectors - 1; }
};

/// No instruction set has a wider panel: what sizes that are fixed at compile time count with.
template <class T>
inline constexpr int widest_panel = 256 / int(sizeof(T));

}  // namespace ferlab::simd

#define FERLAB_SIMD_FILE "ferlab/cpu/simd/tiles.inc.hpp"
#include "ferlab/cpu/simd/for_each_isa.inc.hpp"

namespace ferlab::simd {

/// The kernels for T on this machine, or on `isa` at most (tests run them all). Only float has vector kernels of its
/// own: double is for gradient checks.
template <class T>
const Tiles<T>& tiles([[maybe_unused]] Isa isa = best_isa()) {
  static constexpr Tiles<T> portable_tiles = portable::make_tiles<T>();
#if defined(__x86_64__) && defined(__GNUC__)
  if constexpr (std::is_same_v<T, float>) {
    static constexpr Tiles<T> avx2_tiles = avx2::make_tiles<T>();
    static constexpr Tiles<T> avx512_tiles = avx512::make_tiles<T>();
    if (isa == Isa::avx512) return avx512_tiles;
    if (isa == Isa::avx2) return avx2_tiles;
  }
#endif
  return portable_tiles;
}

}  // namespace ferlab::simd
