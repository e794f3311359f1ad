// SPDX-License-Identifier: MIT
// The shape of one sample as it passes between layers. The batch is not part of it: it is known at run time only.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace ferlab {

/// Height x width x channels, channels last (NHWC once there is a batch). Flat data is 1 x 1 x channels.
struct Shape {
  int height = 1, width = 1, channels = 1;

  constexpr std::size_t size() const { return std::size_t(height) * std::size_t(width) * std::size_t(channels); }
  constexpr bool is_flat() const { return height == 1 && width == 1; }
  constexpr bool operator==(const Shape&) const = default;
};

/// "48x48x1" for an image, "512" for flat data.
inline std::string to_string(Shape s) {
  if (s.is_flat()) return std::to_string(s.channels);
  return std::to_string(s.height) + "x" + std::to_string(s.width) + "x" + std::to_string(s.channels);
}

}  // namespace ferlab
