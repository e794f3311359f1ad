// SPDX-License-Identifier: MIT
// How weights begin: every one computed from (seed, weight array, element), so that a seed means the same weights
// everywhere.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "ferlab/core/philox.hpp"
#include "ferlab/layers/parameter.hpp"

namespace ferlab::detail {

/// Fills `shape.size()` weights at `out`. `array` is the array's place in the parameter table.
template <class T>
void initialize(Initializer initializer, const Parameter& shape, std::uint64_t seed, std::uint32_t array, T* out) {
  RandomStream stream{.seed = seed, .index = array, .purpose = Purpose::initializer};
  const std::size_t n = shape.size();
  switch (initializer) {
    case Initializer::zeros:
      for (std::size_t i = 0; i < n; ++i) out[i] = T(0);
      return;
    case Initializer::ones:
      for (std::size_t i = 0; i < n; ++i) out[i] = T(1);
      return;
    case Initializer::glorot_uniform: {
      const double limit = std::sqrt(6.0 / (shape.fan_in() + shape.fan_out()));
      for (std::size_t i = 0; i < n; ++i) out[i] = T(limit * (2 * double(stream.uniform(i)) - 1));
      return;
    }
    case Initializer::he_normal: {
      // The deviation that leaves variance 2 / fan_in once the normal is cut at two deviations (Keras,
      // VarianceScaling).
      const double deviation = std::sqrt(2.0 / shape.fan_in()) / 0.87962566103423978;
      for (std::size_t i = 0; i < n; ++i) {
        stream.step = 0;
        double z = stream.normal(i);
        while (std::abs(z) > 2) {  // draw again from the next step of the stream
          ++stream.step;
          z = stream.normal(i);
        }
        out[i] = T(deviation * z);
      }
      return;
    }
  }
}

}  // namespace ferlab::detail
