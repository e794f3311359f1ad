// SPDX-License-Identifier: MIT
// How a sum over all weights is cut up (reduce.cuh), and what scratch it needs.
#pragma once

#include <cstddef>

namespace ferlab::kernels {

/// What tunes it. A launcher that takes a Policy takes any struct with these members.
struct ReducePolicy {
  static constexpr int threads = 256;      ///< in a block; a multiple of 32
  static constexpr int most_blocks = 512;  ///< each leaves one sum
};

/// Doubles that sums over all weights need.
template <class Policy = ReducePolicy>
constexpr std::size_t reduce_scratch_size() {
  return std::size_t(Policy::most_blocks);
}

}  // namespace ferlab::kernels
