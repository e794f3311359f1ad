// SPDX-License-Identifier: MIT
// error: ferlab: Conv2D's kernel is larger than the image; use Padding::same or a smaller kernel
// gcc: Index = 3; L = Conv2D<8, 5, Padding::valid>; Shape In = Shape{4, 4, 16}
// clang: layer_fits<3, Conv2D<8, 5, Padding::valid>, Shape{4, 4, 16}>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

#ifdef MISTAKE
constexpr int kernel = 5;
#else
constexpr int kernel = 4;
#endif
Sequential net{Input<8, 8, 1>{}, Conv2D<16, 3>{}, ReLU{}, MaxPool<2>{}, Conv2D<8, kernel, Padding::valid>{}};
