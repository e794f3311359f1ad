// SPDX-License-Identifier: MIT
// A type that is no layer.
// error: ferlab: a layer says what it becomes with `lowers_to` and `lower` (ferlab/layers/layer.hpp); this one does not
// errors: 1
// gcc: LowersTo<Nothing>
// clang: LowersTo<Nothing>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

struct Nothing {
#ifndef MISTAKE
  using lowers_to = ops::OpTypes<>;
  constexpr ops::Value lower(auto&, ops::Value x) const { return x; }
#endif
};
Sequential net{Input<4, 4, 1>{}, ReLU{}, Nothing{}};
