// SPDX-License-Identifier: MIT
// Run-time sizes of the windowed ops: what a backend's op is told, so that it is compiled once and not once a layer.
#pragma once

namespace ferlab::ops {

/// What an op applies to its result before it is written.
enum class Activation { none, relu };

/// x: [batch][height][width][channels], w: [kernel][kernel][channels][filters], y:
/// [batch][out_height][out_width][filters]. Output pixel (i, j) reads input rows i * stride - pad_top ... and columns j
/// * stride - pad_left ...; outside is zero.
struct Conv2DGeometry {
  int batch, height, width, channels;
  int out_height, out_width, filters;
  int kernel, stride, pad_top, pad_left;
};

/// x: [batch][height][width][channels], y: [batch][out_height][out_width][channels]; padding is never the maximum and
/// never counts in an average.
struct Pool2DGeometry {
  int batch, height, width, channels;
  int out_height, out_width;
  int window, stride, pad_top, pad_left;
};

}  // namespace ferlab::ops
