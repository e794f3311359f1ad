// SPDX-License-Identifier: MIT
// Trainable weights for the tests of ops over all of them: two runs with a penalty, one without between them.
#pragma once

#include <vector>

#include "ferlab/ops/flat_weights.hpp"

namespace op_test {

inline const std::vector<ferlab::ops::WeightRange> flat_segments{{0, 1008, 0.01f}, {1008, 70000, 0}, {71008, 67, 0.5f}};
inline constexpr std::size_t flat_size = 71075;
inline double flat_l2(std::size_t i) { return double(i < 1008 ? 0.01f : i < 71008 ? 0 : 0.5f); }

}  // namespace op_test
