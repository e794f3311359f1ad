// SPDX-License-Identifier: MIT
// error: ferlab: AveragePool's window is larger than the image; there is nothing left to pool
// gcc: Index = 1; L = AveragePool<3>; Shape In = Shape{4, 2, 8}
// clang: layer_fits<1, AveragePool<3>, Shape{4, 2, 8}>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

#ifdef MISTAKE
constexpr int window = 3;
#else
constexpr int window = 2;
#endif
Sequential net{Input<4, 2, 1>{}, Conv2D<8, 3>{}, AveragePool<window>{}};
