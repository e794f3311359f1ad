// SPDX-License-Identifier: MIT
// Weights in 8 bits, for files: whole numbers times a scale, one for each filter or unit.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ferlab/formats/safetensors.hpp"
#include "ferlab/layers/parameter.hpp"

namespace ferlab::detail {

/// weight = step * scale of its column; a column is what one index of the last dimension names.
struct Int8Weights {
  std::vector<std::int8_t> steps;  ///< -127 .. 127
  std::vector<float> scales;       ///< [columns]
};

/// To the nearest step, 127 of which are a column's largest magnitude. None where a weight is not finite as a float.
template <class T>
Int8Weights to_int8(std::span<const T> weights, std::size_t columns) {
  Int8Weights rounded{std::vector<std::int8_t>(weights.size()), std::vector<float>(columns)};
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!std::isfinite(float(weights[i]))) return {};
    float& largest = rounded.scales[i % columns];
    largest = std::max(largest, std::abs(float(weights[i])));
  }
  for (float& scale : rounded.scales) scale /= 127;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (const float scale = rounded.scales[i % columns]; scale > 0)
      rounded.steps[i] = std::int8_t(std::clamp(std::lround(float(weights[i]) / scale), -127l, 127l));
  return rounded;
}

/// The weights that `steps` and `scales` stand for: as many as there are steps.
template <class T>
void from_int8(std::span<const std::int8_t> steps, std::span<const float> scales, std::span<T> weights) {
  for (std::size_t i = 0; i < steps.size(); ++i) weights[i] = T(float(steps[i]) * scales[i % scales.size()]);
}

/// What may be kept in 8 bits: a bias, or a statistic, is small and needs more.
inline bool is_kernel(const Parameter& parameter) { return parameter.rank > 1 && parameter.trainable; }

/// What a file calls the scales of a kernel.
inline std::string scale_name(const std::string& kernel) { return kernel + "/scale"; }

/// A kernel that a file holds as I8. Throws FormatError where its scales are missing or are not one a column.
template <class T>
void read_int8(const formats::SafetensorsFile& file, const formats::TensorView& kernel, std::span<T> weights) {
  std::vector<float> scales(kernel.shape.back());
  const std::size_t columns[] = {scales.size()};
  formats::convert(file, file.require(scale_name(kernel.name), columns), std::span<float>(scales));
  from_int8<T>({static_cast<const std::int8_t*>(kernel.data), weights.size()}, scales, weights);
}

}  // namespace ferlab::detail
