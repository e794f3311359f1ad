// SPDX-License-Identifier: MIT
// The shapes that tests check and benches time, so that what is timed is what was checked.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "ferlab/ops/geometry.hpp"

namespace shapes {

enum class Pad { valid, same };

/// Keras's output size and padding, written down a second time: tests would not see a mistake they share.
inline ferlab::ops::Conv2DGeometry conv(int batch, int height, int width, int channels, int filters, int kernel,
                                   int stride = 1, Pad pad = Pad::same) {
  ferlab::ops::Conv2DGeometry g{batch, height, width, channels, 0, 0, filters, kernel, stride, 0, 0};
  if (pad == Pad::valid) {
    g.out_height = (height - kernel) / stride + 1;
    g.out_width = (width - kernel) / stride + 1;
  } else {
    g.out_height = (height + stride - 1) / stride;
    g.out_width = (width + stride - 1) / stride;
    g.pad_top = std::max((g.out_height - 1) * stride + kernel - height, 0) / 2;
    g.pad_left = std::max((g.out_width - 1) * stride + kernel - width, 0) / 2;
  }
  return g;
}

inline std::string text(const ferlab::ops::Conv2DGeometry& g) {
  const auto s = [](int n) { return std::to_string(n); };
  return s(g.batch) + " x " + s(g.height) + "x" + s(g.width) + "x" + s(g.channels) + " -> " + s(g.out_height) + "x" +
         s(g.out_width) + "x" + s(g.filters) + ", kernel " + s(g.kernel) + ", stride " + s(g.stride) + ", padding " +
         s(g.pad_top) + " " + s(g.pad_left);
}

struct Conv {
  const char* name;
  ferlab::ops::Conv2DGeometry geometry;
};
struct Dense {
  const char* name;
  int in, units;
};
/// A stage between convolutions: batch norm and what follows it.
struct Image {
  const char* name;
  int height, width, channels;
};

/// The convolutions of the fer2013 tutorial's network.
inline std::vector<Conv> tutorial_convs(int batch) {
  return {{"c1", conv(batch, 48, 48, 1, 64, 3, 1, Pad::valid)},
          {"c2", conv(batch, 46, 46, 64, 64, 3)},
          {"c3", conv(batch, 23, 23, 64, 128, 3)},
          {"c4", conv(batch, 23, 23, 128, 128, 3)},
          {"c5", conv(batch, 11, 11, 128, 256, 3)},
          {"c6", conv(batch, 11, 11, 256, 256, 3)},
          {"c7", conv(batch, 5, 5, 256, 512, 3)},
          {"c8", conv(batch, 5, 5, 512, 512, 3)}};
}
inline const std::vector<Dense> tutorial_dense{{"d1", 2048, 512}, {"d2", 512, 256}, {"d3", 256, 128}, {"d4", 128, 7}};
/// What enters its batch norms; those of c2, c4, c6 and c8 are followed by a 2 x 2 max pool and dropout.
inline const std::vector<Image> tutorial_images{
    {"c2", 46, 46, 64}, {"c4", 23, 23, 128}, {"c6", 11, 11, 256}, {"c8", 5, 5, 512}};
inline constexpr int tutorial_parameters = 5'902'151;  // those that are trained

/// Small and odd ones: every tile height and width, every edge of the padding, every way the work is cut up.
inline std::vector<ferlab::ops::Conv2DGeometry> small_convs() {
  std::vector<ferlab::ops::Conv2DGeometry> all;
  for (int kernel : {1, 2, 3, 5})
    for (int stride : {1, 2, 3})
      for (Pad pad : {Pad::valid, Pad::same})
        for (int width : {1, 4, 7, 13}) {
          if (pad == Pad::valid && width < kernel) continue;
          const int i = int(all.size());
          static constexpr int channels[] = {1, 3, 5, 16, 7}, filters[] = {1, 7, 16, 48, 20, 33};
          all.push_back(
              conv(1 + i % 3, kernel + width % 3, width, channels[i % 5], filters[i % 6], kernel, stride, pad));
        }
  for (int filters : {1, 7, 16, 48, 64, 70, 130}) {
    all.push_back(conv(2, 6, 9, 5, filters, 3));
    all.push_back(conv(5, 3, 3, 70, filters, 2, 2));
  }
  for (int channels : {1, 3, 5, 16, 64, 70}) all.push_back(conv(1, 5, 8, channels, 33, 3));
  all.push_back(conv(1, 12, 13, 2, 9, 11, 1, Pad::valid));  // as many taps as a block takes
  all.push_back(conv(1, 14, 15, 2, 17, 13));                // more taps than a block takes
  all.push_back(conv(2, 3, 4, 3, 17, 11));                  // wider than the image
  all.push_back(conv(1, 4, 4, 3, 5, 1, 3));                 // pixels that no window reads
  all.push_back(conv(1, 3, 1, 1100, 70, 3));                // weights in blocks of taps
  all.push_back(conv(1, 1, 2, 5000, 70, 1));                // and of channels
  all.push_back(conv(2, 40, 41, 6, 16, 3));                 // more rows than the weights' gradient takes at once
  for (int stride : {1, 2, 3}) {  // batches large enough that a tile takes its pixels from several images
    all.push_back(conv(13, 4, 3, 5, 20, 3, stride));
    all.push_back(conv(17, 5, 6, 7, 70, 2, stride, Pad::valid));
  }
  // Not Keras's: a window, and a whole column of windows, that lie outside of the image.
  all.push_back({2, 4, 4, 3, 3, 3, 7, 2, 3, 2, 2});
  all.push_back({1, 2, 2, 4, 5, 5, 20, 2, 1, 2, 2});
  all.push_back({14, 2, 2, 4, 5, 5, 20, 2, 1, 2, 2});
  return all;
}

struct DenseSize {
  int batch, in, units;
};
inline const std::vector<DenseSize> small_dense{{1, 1, 1},     {2, 3, 5},    {5, 70, 7},    {7, 16, 64},
                                                {13, 33, 130}, {64, 128, 7}, {3, 5000, 70}, {1, 300, 257}};

}  // namespace shapes
