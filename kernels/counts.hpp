// SPDX-License-Identifier: MIT
// How many pixels a batch has.
#pragma once

#include <climits>
#include <cstddef>

#include "ferlab/core/error.hpp"

namespace ferlab::kernels {

/// How many pixels `batch` images have: numbers that fit an int, which divides several times faster than a long. Throws
/// ArgumentError where they do not.
inline int count_of(int batch, int height, int width) {
  const std::ptrdiff_t count = std::ptrdiff_t(batch) * height * width;
  if (count > INT_MAX) throw ArgumentError("CUDA: the batch has more than 2^31 pixels");
  return int(count);
}

}  // namespace ferlab::kernels
