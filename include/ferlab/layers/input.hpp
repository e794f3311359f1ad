// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/core/shape.hpp"

namespace ferlab {

/// The shape of one sample as the network receives it. The first word of every Sequential.
template <int Height, int Width, int Channels>
struct Input {
  static_assert(Height > 0 && Width > 0 && Channels > 0,
                "ferlab: Input needs positive sizes: Input<height, width, channels>");
  static constexpr Shape shape{Height, Width, Channels};
};

}  // namespace ferlab
