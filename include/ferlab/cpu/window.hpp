// SPDX-License-Identifier: MIT
// Which pixels a pooling window covers, and which windows cover a pixel, along one axis.
#pragma once

#include <algorithm>

namespace ferlab::detail {

struct Range {
  int begin, end;
};

/// The input positions of window `out` that lie inside of 0..size-1.
inline Range window_pixels(int out, int window, int stride, int pad, int size) {
  const int first = out * stride - pad;
  return {std::max(first, 0), std::min(first + window, size)};
}

/// The windows of 0..count-1 that cover input position `in`.
inline Range covering_windows(int in, int window, int stride, int pad, int count) {
  const int first = in + pad - window;  // the last position before which a covering window must not start
  return {first < 0 ? 0 : first / stride + 1, std::min((in + pad) / stride + 1, count)};
}

}  // namespace ferlab::detail
