// SPDX-License-Identifier: MIT
// The matrix product behind convolutions and dense layers: rows gathered from an image by a rule, times packed weights.
// No im2col: a tile reads its pixels where they lie, and a tap that falls into the padding reads a row of zeros or,
// where that holds for the whole tile, is left out.
#pragma once

#include <algorithm>
#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/simd/tiles.hpp"
#include "ferlab/ops/geometry.hpp"

namespace ferlab::detail {

inline constexpr int most_taps = 121;  ///< of one block: a larger kernel than 11 x 11 is several

/// Packed weights: for each panel of columns, [taps][channels][width], the last panel as narrow as a tile allows,
/// padded with zeros. At the end one pixel of zeros, for taps that fall into the padding.
template <class T>
struct PanelLayout {
  const simd::Tiles<T>& tiles;
  int taps, channels, columns;

  int count() const { return (columns + tiles.panel_width() - 1) / tiles.panel_width(); }
  int first_column(int panel) const { return panel * tiles.panel_width(); }
  int used(int panel) const { return std::min(tiles.panel_width(), columns - first_column(panel)); }
  int vectors(int panel) const { return tiles.vectors_for(used(panel)); }
  int width(int panel) const { return vectors(panel) * tiles.lanes; }
  std::ptrdiff_t offset(int panel) const { return std::ptrdiff_t(first_column(panel)) * taps * channels; }
  std::ptrdiff_t zeros() const { return offset(count()); }

  /// Fills packed from source(tap, channel, column).
  template <class Source>
  void pack(const Cpu& cpu, T* packed, const Source& source) const {
    std::fill_n(packed + zeros(), channels, T(0));
    cpu.parallel_for(std::ptrdiff_t(count()) * taps, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
      for (std::ptrdiff_t i = begin; i < end; ++i) {
        const int panel = int(i / taps), tap = int(i % taps), w = width(panel), n = used(panel),
                  j0 = first_column(panel);
        T* to = packed + offset(panel) + std::ptrdiff_t(tap) * channels * w;
        for (int c = 0; c < channels; ++c, to += w) {
          for (int j = 0; j < n; ++j) to[j] = source(tap, c, j0 + j);
          for (int j = n; j < w; ++j) to[j] = T(0);
        }
      }
    });
  }
};

/// Elements of packed weights, for any instruction set.
template <class T>
constexpr std::size_t packed_size(int taps, int channels, int columns) {
  const int widest = simd::widest_panel<T>;
  return std::size_t(channels) * (std::size_t(taps) * std::size_t((columns + widest - 1) / widest * widest) + 1);
}

/// One line of pixels that a thread computes: `count` pixels whose results lie `out_step` apart, each reading the taps
/// listed. For tap t pixel i reads source + (start[t] + i * step) * channels, if 0 <= start[t] + i * step < limit.
template <class T>
struct GatherLine {
  int count;
  T* out;
  std::ptrdiff_t out_step;
  int taps;
  const T* source[most_taps];  ///< the row of the image that the tap reads
  int start[most_taps];        ///< column of pixel 0
  int tap[most_taps];          ///< which tap's weights
  int step, limit;
};

/// Runs lines() lines through all panels. line(i, out) describes line i; called once for each panel and block of taps.
template <class T>
struct GatherGemm {
  const PanelLayout<T>& layout;
  const T* packed;
  const T* bias;  ///< or nullptr
  bool relu;

  // Weights of one block stay in the L2 cache while all lines pass over them.
  static constexpr std::ptrdiff_t block_bytes = 384 * 1024;

  template <class Line>
  void run(const Cpu& cpu, std::ptrdiff_t lines, const Line& line) const {
    const std::ptrdiff_t work = lines * layout.count();
    cpu.parallel_for(work, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
      while (begin < end) {  // panel by panel
        const int panel = int(begin / lines);
        const std::ptrdiff_t first = begin % lines, last = std::min(lines, first + end - begin);
        run_panel(panel, first, last, line);
        begin += last - first;
      }
    });
  }

 private:
  template <class Line>
  void run_panel(int panel, std::ptrdiff_t first, std::ptrdiff_t last, const Line& line) const {
    const std::ptrdiff_t tap_bytes = std::ptrdiff_t(layout.channels) * layout.width(panel) * std::ptrdiff_t(sizeof(T));
    const int taps_a_block = int(std::clamp<std::ptrdiff_t>(block_bytes / tap_bytes, 1, most_taps));
    const int channels_a_block = tap_bytes <= block_bytes
                                     ? layout.channels
                                     : int(std::max<std::ptrdiff_t>(64, layout.channels * block_bytes / tap_bytes));
    for (int tap = 0; tap < layout.taps; tap += taps_a_block)
      for (int c = 0; c < layout.channels; c += channels_a_block) {
        const bool is_first = tap == 0 && c == 0;
        const int taps_end = std::min(layout.taps, tap + taps_a_block);
        const int channels = std::min(channels_a_block, layout.channels - c);
        const bool is_last = taps_end == layout.taps && c + channels == layout.channels;
        GatherLine<T> l;
        for (std::ptrdiff_t i = first; i < last; ++i) {
          line(i, tap, taps_end, l);
          run_line(l, panel, c, channels, is_first, is_last);
        }
      }
  }

  void run_line(const GatherLine<T>& line, int panel, int first_channel, int channels, bool is_first,
                bool is_last) const {
    const int vectors = layout.vectors(panel), width = layout.width(panel), used = layout.used(panel);
    const int column = layout.first_column(panel);
    const int tiles = (line.count + simd::most_rows - 1) / simd::most_rows;
    alignas(64) T padded[simd::most_rows * simd::widest_panel<T>];
    alignas(64) T padded_bias[simd::widest_panel<T>];
    const bool narrow = used != width;  // the tile is wider than what may be written: it works on a copy
    const T* tile_bias = is_last && bias ? bias + column : nullptr;
    if (narrow && tile_bias) {
      for (int j = 0; j < width; ++j) padded_bias[j] = j < used ? tile_bias[j] : T(0);
      tile_bias = padded_bias;
    }
    const T* rows[most_taps * simd::most_rows];
    const T* panels[most_taps];
    for (int tile = 0; tile < tiles; ++tile) {
      const int begin = line.count * tile / tiles, count = line.count * (tile + 1) / tiles - begin;
      int taps = 0;
      for (int t = 0; t < line.taps; ++t) {
        bool any = false;
        for (int i = 0; i < count; ++i) {
          const int x = line.start[t] + (begin + i) * line.step;
          const bool inside = x >= 0 && x < line.limit;
          any = any || inside;
          rows[taps * count + i] =
              inside ? line.source[t] + std::ptrdiff_t(x) * layout.channels + first_channel : packed + layout.zeros();
        }
        if (!any) continue;
        panels[taps++] =
            packed + layout.offset(panel) + (std::ptrdiff_t(line.tap[t]) * layout.channels + first_channel) * width;
      }
      T* out = line.out + begin * line.out_step + column;
      if (narrow && !is_first) copy_tile(out, line.out_step, padded, width, count, used);
      layout.tiles.gather[count - 1][layout.tiles.column(vectors)](
          {.rows = rows,
           .panels = panels,
           .taps = taps,
           .channels = channels,
           .bias = tile_bias,
           .relu = is_last && relu,
           .accumulate = !is_first,
           .out = narrow ? padded : out,
           .stride = narrow ? std::ptrdiff_t(width) : line.out_step});
      if (narrow) copy_tile(padded, width, out, line.out_step, count, used);
    }
  }

  static void copy_tile(const T* from, std::ptrdiff_t from_step, T* to, std::ptrdiff_t to_step, int rows, int columns) {
    for (int i = 0; i < rows; ++i) std::copy_n(from + i * from_step, columns, to + i * to_step);
  }
};

}  // namespace ferlab::detail
