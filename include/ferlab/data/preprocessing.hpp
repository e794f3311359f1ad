// SPDX-License-Identifier: MIT
// From a pixel to a number the network sees: one function for training and for serving, and a value that travels in the
// model file, so that the two cannot differ.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "ferlab/core/error.hpp"
#include "ferlab/data/dataset.hpp"

namespace ferlab::data {

/// out = pixel * scale + offset, pixels 0..255.
struct Preprocessing {
  std::string name = "raw";
  float scale = 1;
  float offset = 0;

  /// The pixels as they are, 0..255.
  static Preprocessing raw() { return {}; }

  /// 0..1.
  static Preprocessing rescale() { return {"rescale", 1.0f / 255, 0}; }

  /// Mean 0 and deviation 1 over all pixels of `train`, one mean and one (population) deviation for the whole image.
  /// Give it the training part only: what is measured on the test part leaks it. Throws DataError where all pixels are
  /// equal or there are none.
  static Preprocessing standardize(const Dataset& train) {
    std::uint64_t count = 0, sum = 0, squares = 0;  // exact: 2^64 / 255^2 is 2.8e14 pixels
    for (std::size_t i = 0; i < train.size(); ++i) {
      for (std::uint32_t pixel : train.image(i)) sum += pixel, squares += pixel * pixel;
      count += train.image(i).size();
    }
    const double mean = double(sum) / double(count);
    const double variance = double(squares) / double(count) - mean * mean;
    if (!(variance > 0)) throw DataError("standardize: all pixels of the training part are equal, or it is empty");
    const double deviation = std::sqrt(variance);
    return {"standardize", float(1 / deviation), float(-mean / deviation)};
  }

  /// out[i] = pixels[i] * scale + offset; out has room for pixels.size().
  template <class T>
  void apply(std::span<const std::uint8_t> pixels, T* out) const {
    const T a = T(scale), b = T(offset);
    const std::uint8_t* in = pixels.data();
    for (std::size_t i = 0; i < pixels.size(); ++i) out[i] = T(in[i]) * a + b;
  }

  bool operator==(const Preprocessing&) const = default;
};

}  // namespace ferlab::data
