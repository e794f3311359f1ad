// SPDX-License-Identifier: MIT
// A user's layer that says what it accepts, but not why it refuses.
// error: ferlab: this layer does not accept the shape that reaches it
// gcc: Index = 1; L = Halve; Shape In = Shape{47, 48, 1}
// clang: layer_fits<1, Halve, Shape{47, 48, 1}>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

struct Halve {
  using lowers_to = ops::OpTypes<>;
  static constexpr bool accepts(Shape in) { return in.height % 2 == 0 && in.width % 2 == 0; }
  static constexpr Shape output(Shape in) { return {in.height / 2, in.width / 2, in.channels}; }
};

#ifdef MISTAKE
constexpr int height = 47;
#else
constexpr int height = 48;
#endif
Sequential net{Input<height, 48, 1>{}, ReLU{}, Halve{}};
