// SPDX-License-Identifier: MIT
// The ways in which programs keep the same weights. Keras's, which a Network has: kernels [h, w, in, out], [in, out],
// and features of a flattened image in the order [h, w, c]. PyTorch's and ONNX's: [out, in, h, w], [out, in], [c, h,
// w].
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "ferlab/exchange/network.hpp"

namespace ferlab::exchange {

/// The array whose axis i is axis order[i] of `array`; as numpy.transpose.
[[gnu::cold]] inline Array transposed(const Array& array, const std::vector<std::size_t>& order) {
  const std::size_t rank = order.size();
  std::vector<std::size_t> stride(rank, 1), at(rank, 0);
  for (std::size_t i = rank; i-- > 1;) stride[i - 1] = stride[i] * array.shape[i];
  Array result{array.name, {}, {}};
  for (std::size_t axis : order) result.shape.push_back(array.shape[axis]);
  result.values.reserve(array.values.size());
  while (result.values.size() < array.values.size()) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < rank; ++i) from += at[i] * stride[order[i]];
    result.values.push_back(array.values[from]);
    for (std::size_t i = rank; i-- > 0;) {
      if (++at[i] < result.shape[i]) break;
      at[i] = 0;
    }
  }
  return result;
}

/// A kernel of Conv2D or Dense from Keras's layout to PyTorch's, and back.
inline Array out_first(const Array& kernel) {
  return kernel.shape.size() == 4 ? transposed(kernel, {3, 2, 0, 1}) : transposed(kernel, {1, 0});
}
inline Array out_last(const Array& kernel) {
  return kernel.shape.size() == 4 ? transposed(kernel, {2, 3, 1, 0}) : transposed(kernel, {1, 0});
}

/// The image whose values are the features that `node` reads, if a Flatten before it made them and each is still one
/// value of the image.
[[gnu::cold]] inline std::optional<Shape> flattened_image(const Network& network, const Node& node) {
  const Node* at = &node;
  while (at->inputs.size() == 1) {
    const Node& before = network.nodes[at->inputs[0]];
    if (std::holds_alternative<FlattenLayer>(before.layer)) {
      const Shape image = network.nodes[before.inputs[0]].output;
      if (!image.is_flat()) return image;
    } else if (!std::holds_alternative<DropoutLayer>(before.layer) &&
               !std::holds_alternative<ReLULayer>(before.layer) &&
               !std::holds_alternative<BatchNormLayer>(before.layer)) {
      return std::nullopt;
    }
    at = &before;
  }
  return std::nullopt;
}

namespace detail {
inline Array reordered_features(const Array& array, std::vector<std::size_t> from,
                                const std::vector<std::size_t>& order) {
  std::size_t features = from[0] * from[1] * from[2];
  Array image{array.name, std::move(from), array.values};
  image.shape.push_back(features ? array.values.size() / features : 0);
  Array result = transposed(image, order);
  result.shape = array.shape;
  return result;
}
}  // namespace detail

/// Weights whose first axis is the features of a flattened `image`, from [c, h, w] to [h, w, c], and back.
[[gnu::cold]] inline Array channels_last_features(const Array& array, Shape image) {
  const auto h = std::size_t(image.height), w = std::size_t(image.width), c = std::size_t(image.channels);
  return detail::reordered_features(array, {c, h, w}, {1, 2, 0, 3});
}
[[gnu::cold]] inline Array channels_first_features(const Array& array, Shape image) {
  const auto h = std::size_t(image.height), w = std::size_t(image.width), c = std::size_t(image.channels);
  return detail::reordered_features(array, {h, w, c}, {2, 0, 1, 3});
}

/// A BatchNorm's variance where its epsilon becomes `after`: both stand in one sum, so what one has more the other
/// gets.
[[gnu::cold]] inline void exchange_epsilon(Array& variance, float before, float after) {
  if (before == after) return;
  for (float& value : variance.values) value = float(double(value) + double(before) - double(after));
}

}  // namespace ferlab::exchange
