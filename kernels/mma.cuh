// SPDX-License-Identifier: MIT
// What a lane holds of the matrices that a warp multiplies on the tensor cores: multiply_accumulate (ptx.cuh), in
// bfloat16 with float sums.
#pragma once

#include "kernels/device.cuh"

namespace ferlab::kernels {

/// Two neighbouring bfloat16, the first in the lower half.
using Pair = std::uint32_t;

// What lane l holds, with row g = l / 4 and t = l % 4:
struct FragmentA {  ///< 16x16: (g, 2t), (g + 8, 2t), (g, 2t + 8), (g + 8, 2t + 8), and the column after each
  Pair v[4];
};
struct FragmentB {  ///< 16x8: (2t, g), (2t + 8, g), and the row after each
  Pair v[2];
};
struct FragmentC {  ///< 16x8: (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)
  float v[4];
};

__device__ inline int lane_of_warp() { return int(threadIdx.x) % 32; }

}  // namespace ferlab::kernels
