// SPDX-License-Identifier: MIT
// How the direct convolution is cut up (conv2d_direct.cuh), and what scratch it needs.
#pragma once

#include "kernels/rows.hpp"

namespace ferlab::kernels {

/// What tunes it. A launcher that takes a Policy takes any struct with these members.
struct Conv2DDirectPolicy : RowsPolicy {
  static constexpr int strip_pixels = 4;  ///< output pixels beside each other that a thread does in one turn
  static constexpr int filter_terms = 9;  ///< elements of the kernel's gradient that one pass over dy sums; 9 at least
};

/// Floats that Conv2DBackwardFilter needs.
template <class Policy = Conv2DDirectPolicy>
constexpr std::size_t conv2d_direct_scratch_size(int filters) {
  return column_sums_scratch_size<Policy>(filters, Policy::filter_terms);
}

}  // namespace ferlab::kernels
