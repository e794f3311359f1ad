// SPDX-License-Identifier: MIT
#include "golden/compare.hpp"

using namespace ferlab;
using golden::compare;

TEST_CASE("PyTorch's numbers in double, fused and unfused") {
  compare<double>(Cpu{2}, 1e-9, 1e-9);
  compare<double>(Unfused{Cpu{1}}, 1e-9, 1e-9);
}
// A step of Adam has the size of the learning rate whatever the gradient's: it magnifies the rounding of gradients near
// zero.
TEST_CASE("PyTorch's numbers in float") { compare<float>(Cpu{2}, 1e-4, 1e-3); }
